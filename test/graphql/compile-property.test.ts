import 'reflect-metadata';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  execute,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isEnumType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  validate,
} from 'graphql';
import { fragmentsOf } from '../../src/access/document.js';
import { withSwift } from '../../src/access/swift.js';
import { compile } from '../../src/graphql/compile.js';
import { quickExecutor } from '../../src/graphql/execute.js';
import { DocumentWriter } from '../access/random-document.js';

import { schemaOfModules } from '../schema-of-modules.js';

const runs = 2_000;

/** Decides by a place in the answer what stands there, and writes down who asked for it. */
class World {
  readonly asked: string[] = [];
  readonly places = new Set<string>();

  constructor(
    private readonly tape: readonly number[],
    /**
     * The one place with something wrong. Not several: graphql-js lets go of the promises of a list when another item of it
     * throws, and nobody hears of it when they reject.
     */
    private readonly wrong: string | null,
  ) {}

  /** What a resolver, or a property, answers at a place. */
  answer(type: GraphQLOutputType, place: string): unknown {
    this.places.add(place);
    if (place === this.wrong) {
      const kinds = [
        () => new Error(`returned at ${place}`),
        () => Promise.reject(new Error(`rejected at ${place}`)),
        () => null,
        () => undefined,
        () => ({ valueOf: () => Number.NaN }),
        () => Promise.resolve(null),
      ];
      return kinds[this.#number(place, 'kind') % kinds.length]?.();
    }
    const value = this.#value(type, place);
    return this.#number(place, 'fate') % 3 === 0 ? Promise.resolve(value) : value;
  }

  #value(type: GraphQLOutputType, place: string): unknown {
    if (!isNonNullType(type) && this.#number(place, 'null') % 5 === 0) {
      return undefined;
    }
    return this.#present(isNonNullType(type) ? type.ofType : type, place);
  }

  #present(type: GraphQLOutputType, place: string): unknown {
    if (isListType(type)) {
      const items = Array.from({ length: this.#number(place, 'length') % 4 }, (_, index) =>
        this.answer(type.ofType, `${place}.${index}`),
      );
      return this.#number(place, 'iterable') % 9 === 0 ? new Set(items) : items;
    }
    const named = getNamedType(type);
    if (isObjectType(named)) {
      return this.#record(place);
    }
    if (isEnumType(named)) {
      const values = named.getValues();
      return values[this.#number(place, 'enum') % values.length]?.value;
    }
    const scalars: Record<string, unknown> = {
      Boolean: this.#number(place, 'boolean') % 2 === 0,
      Int: this.#number(place, 'int'),
      DateTime: new Date(1_700_000_000_000 + this.#number(place, 'moment') * 61_234_567),
    };
    return scalars[named.name] ?? `text ${this.#number(place, 'text')}`;
  }

  /** An object whose properties are answers too. */
  #record(place: string): object {
    return new Proxy(
      { place },
      {
        get: (target, name) => {
          if (name === 'place') {
            return target.place;
          }
          const type = typeof name === 'string' ? propertyTypes.get(name) : undefined;
          return type === undefined ? undefined : this.answer(type, `${place}.${String(name)}`);
        },
      },
    );
  }

  #number(place: string, about: string): number {
    let number = 7;
    for (const character of `${place} ${about}`) {
      number = (number * 31 + character.charCodeAt(0)) % 1_000_003;
    }
    return (number + (this.tape[number % this.tape.length] ?? 0)) % 1_000;
  }
}

/** Fields without a resolver read properties; those of one name have one type here. */
const propertyTypes = new Map<string, GraphQLOutputType>();

/** The types of the real schema; by turns a field has a resolver, two forms of one, or only a property. */
const schema = ((): GraphQLSchema => {
  const built = schemaOfModules();
  let turn = 0;
  for (const type of Object.values(built.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) {
      continue;
    }
    for (const field of Object.values(type.getFields())) {
      const known = propertyTypes.get(field.name);
      const alone = known === undefined || String(known) === String(field.type);
      if (alone && turn++ % 3 === 0 && type !== built.getQueryType()) {
        propertyTypes.set(field.name, field.type);
        field.resolve = undefined;
        continue;
      }
      const placeOf = (source: unknown) => (source as { place?: string } | undefined)?.place ?? '';
      const resolve = (source: unknown, args: unknown, world: World, info: GraphQLResolveInfo) => {
        world.asked.push(
          JSON.stringify([pathOf(info), info.parentType.name, info.fieldName, String(info.returnType), args]),
        );
        return world.answer(field.type, `${placeOf(source)}.${field.name}`);
      };
      const swift = (source: unknown, world: unknown) =>
        (world as World).answer(field.type, `${placeOf(source)}.${field.name}`);
      const quick = field.args.length === 0 && type !== built.getQueryType() && turn % 2 === 0;
      field.resolve = quick ? withSwift((source, _args, world) => swift(source, world), swift) : resolve;
    }
  }
  return built;
})();

function pathOf({ path }: GraphQLResolveInfo): unknown[] {
  const keys: unknown[] = [];
  for (let at: GraphQLResolveInfo['path'] | undefined = path; at !== undefined; at = at.prev) {
    keys.unshift(at.key, at.typename);
  }
  return keys;
}

test(`a compiled query answers what graphql-js answers`, async () => {
  const seen = { compiled: 0, succeeded: 0, failed: 0 };
  const property = fc.asyncProperty(
    fc.array(fc.nat(1_000), { minLength: 80, maxLength: 160 }),
    fc.boolean(),
    fc.option(fc.nat(1_000)),
    async (tape, plain, number) => {
      const { text, operationName, variables } = new DocumentWriter(schema, tape, new Set(), plain).write();
      const document = parse(text);
      expect(validate(schema, document)).toEqual([]);
      const operation = getOperationAST(document, operationName);
      if (operation == null) {
        throw new Error('The operation is not in its document.');
      }
      const theirs = (world: World) =>
        execute({ schema, document, operationName, variableValues: variables, contextValue: world });
      const right = new World(tape, null);
      await theirs(right);
      const wrong = number === null ? null : ([...right.places][number % right.places.size] ?? null);
      const world = new World(tape, wrong);
      const expected = await theirs(world);
      const ours = new World(tape, wrong);
      const data = await quickExecutor(schema)({ document, operation, variables, context: ours });
      seen.compiled += compile(schema, operation, fragmentsOf(document)) === null ? 0 : 1;
      if (expected.errors !== undefined) {
        expect(data).toBeNull();
        seen.failed += 1;
      } else if (data !== null) {
        expect(JSON.stringify(data)).toBe(JSON.stringify(expected.data));
        expect(ours.asked.sort()).toEqual(world.asked.sort());
        seen.succeeded += 1;
      }
    },
  );
  await fc.assert(property, { numRuns: runs });
  expect(Math.min(seen.compiled, seen.succeeded, seen.failed)).toBeGreaterThan(runs / 20);
}, 120_000);
