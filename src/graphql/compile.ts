import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getArgumentValues,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Fragments } from '../access/plan.js';
import { swiftOf } from '../access/swift.js';

type Path = GraphQLResolveInfo['path'];

/** What one execution shares. */
export interface Run {
  readonly context: unknown;
  readonly variables: Record<string, unknown>;
  /** Goes on with a value that is not there yet. */
  wait(value: PromiseLike<unknown>, goOn: (value: unknown) => void): void;
  /** This is no plain success. */
  fail(): void;
}

/** Fills and returns the data of one execution. */
export type Compiled = (run: Run) => Record<string, unknown>;

/** Completes a value as section 6.4.3 of the GraphQL specification says, if that goes without an error. */
type Complete = (value: unknown, path: Path | undefined, run: Run) => unknown;

/** One field of a selection: how its value is found, and what becomes of it. */
interface Step {
  readonly key: string;
  /** Whether a resolver here or below is told where it stands. */
  readonly needsPath: boolean;
  find(source: Record<string, unknown>, path: Path | undefined, run: Run): unknown;
  readonly complete: Complete;
}

interface Completion {
  readonly needsPath: boolean;
  readonly complete: Complete;
}

class GaveUp extends Error {}

/**
 * Makes a query ready to run without looking at its document again: field by field what to read, which resolver to call,
 * how to write the result. It knows only how to succeed. Whatever else happens fails the run, and graphql-js has to
 * execute the query from the start to say what was wrong. Null for documents beyond it: mutations, directives, interfaces and
 * unions, introspection.
 */
export function compile(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: Fragments,
): Compiled | null {
  const type = schema.getQueryType();
  if (operation.operation !== 'query' || !isObjectType(type) || (operation.directives ?? []).length > 0) {
    return null;
  }
  try {
    const { complete } = new Compiler(schema, operation, fragments).object(type, [operation.selectionSet]);
    return (run) => complete({}, undefined, run) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof GaveUp) {
      return null;
    }
    throw error;
  }
}

class Compiler {
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly operation: OperationDefinitionNode,
    private readonly fragments: Fragments,
  ) {}

  object(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Completion {
    const byKey = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    for (const set of sets) {
      this.#collect(type, set, byKey, spread);
    }
    if (type.isTypeOf) {
      throw new GaveUp();
    }
    const steps = [...byKey].map(([key, nodes]) => this.#step(type, key, nodes));
    const complete: Complete = (value, path, run) => {
      if (typeof value !== 'object' || value instanceof Error) {
        throw new GaveUp();
      }
      const result: Record<string, unknown> = {};
      for (const step of steps) {
        const here = step.needsPath ? { prev: path, key: step.key, typename: type.name } : undefined;
        try {
          const found = step.find(value as Record<string, unknown>, here, run);
          if (isPromise(found)) {
            result[step.key] = undefined;
            run.wait(found, (settled) => {
              result[step.key] = step.complete(settled, here, run);
            });
          } else {
            result[step.key] = step.complete(found, here, run);
          }
        } catch {
          // It goes on all the same: a promise that rejects later has to find someone who waits for it.
          run.fail();
        }
      }
      return result;
    };
    return { needsPath: steps.some(({ needsPath }) => needsPath), complete };
  }

  #collect(
    type: GraphQLObjectType,
    { selections }: SelectionSetNode,
    byKey: Map<string, FieldNode[]>,
    spread: Set<string>,
  ): void {
    for (const selection of selections) {
      if ((selection.directives ?? []).length > 0) {
        throw new GaveUp();
      }
      if (selection.kind === 'Field') {
        const key = selection.alias?.value ?? selection.name.value;
        byKey.set(key, [...(byKey.get(key) ?? []), selection]);
        continue;
      }
      const fragment = selection.kind === 'InlineFragment' ? selection : this.fragments[selection.name.value];
      if (fragment === undefined || (fragment.directives ?? []).length > 0) {
        throw new GaveUp();
      }
      if (selection.kind === 'FragmentSpread') {
        if (spread.has(selection.name.value)) {
          continue;
        }
        spread.add(selection.name.value);
      }
      const condition = fragment.typeCondition?.name.value ?? type.name;
      if (isAbstractType(this.schema.getType(condition))) {
        throw new GaveUp();
      }
      if (condition === type.name) {
        this.#collect(type, fragment.selectionSet, byKey, spread);
      }
    }
  }

  #step(type: GraphQLObjectType, key: string, nodes: readonly FieldNode[]): Step {
    const name = nodes[0]?.name.value ?? '';
    // A key of that name would be the prototype of the result.
    if (key === '__proto__') {
      throw new GaveUp();
    }
    if (name === '__typename') {
      return { key, needsPath: false, find: () => type.name, complete: (value) => value };
    }
    const field = type.getFields()[name];
    if (field === undefined) {
      throw new GaveUp();
    }
    const { needsPath, complete } = this.#completion(field.type, nodes);
    const swift =
      type === this.schema.getQueryType() || field.args.length > 0 ? undefined : swiftOf(name, field.resolve);
    return swift === undefined
      ? { key, needsPath: true, find: this.#resolution(type, field, nodes), complete }
      : { key, needsPath, find: (source, _path, run) => swift(source, run.context), complete };
  }

  #resolution(parentType: GraphQLObjectType, field: GraphQLField<unknown, unknown>, nodes: readonly FieldNode[]) {
    const { name: fieldName, type: returnType, args } = field;
    const resolve = field.resolve ?? defaultFieldResolver;
    const [node] = nodes as [FieldNode];
    const { schema, operation, fragments } = this;
    return (source: unknown, path: Path | undefined, run: Run) => {
      const info = {
        fieldName,
        fieldNodes: nodes,
        returnType,
        parentType,
        path: path as Path,
        schema,
        fragments,
        rootValue: undefined,
        operation,
        variableValues: run.variables,
      };
      const values = args.length === 0 ? {} : getArgumentValues(field, node, run.variables);
      return resolve(parentType === schema.getQueryType() ? undefined : source, values, run.context, info);
    };
  }

  #completion(type: GraphQLOutputType, nodes: readonly FieldNode[]): Completion {
    if (isNonNullType(type)) {
      const { needsPath, complete } = this.#present(type.ofType, nodes);
      return {
        needsPath,
        complete: (value, path, run) => {
          if (value == null) {
            throw new GaveUp();
          }
          return complete(value, path, run);
        },
      };
    }
    const { needsPath, complete } = this.#present(type, nodes);
    return { needsPath, complete: (value, path, run) => (value == null ? null : complete(value, path, run)) };
  }

  /** For values that are not null. */
  #present(type: GraphQLOutputType, nodes: readonly FieldNode[]): Completion {
    if (isLeafType(type)) {
      return {
        needsPath: false,
        complete: (value) => {
          const serialized = value instanceof Error ? null : type.serialize(value);
          if (serialized == null) {
            throw new GaveUp();
          }
          return serialized;
        },
      };
    }
    if (isListType(type)) {
      const { needsPath, complete } = this.#completion(type.ofType, nodes);
      return { needsPath, complete: completeList(needsPath, complete) };
    }
    if (isObjectType(type)) {
      return this.object(
        type,
        nodes.flatMap(({ selectionSet }) => selectionSet ?? []),
      );
    }
    throw new GaveUp();
  }
}

function completeList(needsPath: boolean, complete: Complete): Complete {
  return (value, path, run) => {
    if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) {
      throw new GaveUp();
    }
    const items: readonly unknown[] = Array.isArray(value) ? value : [...(value as Iterable<unknown>)];
    const list: unknown[] = [];
    for (let index = 0; index < items.length; index += 1) {
      const here = needsPath ? { prev: path, key: index, typename: undefined } : undefined;
      const item = items[index];
      try {
        if (isPromise(item)) {
          list.push(undefined);
          run.wait(item, (settled) => {
            list[index] = complete(settled, here, run);
          });
        } else {
          list.push(complete(item, here, run));
        }
      } catch {
        run.fail();
      }
    }
    return list;
  };
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return value !== null && typeof value === 'object' && typeof (value as { then?: unknown }).then === 'function';
}
