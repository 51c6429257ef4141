import 'reflect-metadata';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  type GraphQLObjectType,
  getNamedType,
  isIntrospectionType,
  isLeafType,
  isObjectType,
  parse,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';
import { type Answer, testServer } from '../helper.js';
import { LogLines } from '../log-lines.js';
import { type Column, columns, grouped, type Line, letters, readLines } from './outcomes.js';
import { argumentsOf, around } from './ways.js';
import { World } from './world.js';

const { schema } = guardedSchema(modules);
const log = new LogLines();
const server = testServer(
  { LOGIN_ATTEMPTS_PER_MINUTE: '1000', LOGIN_ATTEMPTS_PER_ADDRESS: '1000', LOG_LEVEL: 'trace' },
  log,
);
const lines = readLines();
const isMutation = ({ coordinate, way }: Line) => documentOf(coordinate, way, placeholders).startsWith('mutation');
const placeholders = { owner: '', email: '', published: '', draft: '', token: '', session: '', event: '' };
let world: World;

/** The document that asks for one coordinate and for as little else as there can be. */
function documentOf(coordinate: string, way: string, records: World['records']): string {
  const [type = '', name = ''] = coordinate.split('.');
  const field = (schema.getType(type) as GraphQLObjectType).getFields()[name];
  if (field === undefined) {
    throw new Error(`The schema has no ${coordinate}: its line goes, too.`);
  }
  const selection = isLeafType(getNamedType(field.type)) ? '' : ' { __typename }';
  const asked = `${name}${argumentsOf(coordinate, way, records)}${selection}`;
  const frame = { Query: '{ FIELD }', Mutation: 'mutation { FIELD }' }[type] ?? around(way, records);
  if (frame === undefined) {
    throw new Error(`No way is called ${way}.`);
  }
  return frame.replace('FIELD', asked);
}

/** Every coordinate that a document selects. */
function selected(document: string): string[] {
  const types = new TypeInfo(schema);
  const found: string[] = [];
  visit(
    parse(document),
    visitWithTypeInfo(types, {
      Field: ({ name }) => {
        found.push(`${types.getParentType()?.name}.${name.value}`);
      },
    }),
  );
  return found;
}

/** Every value at the end of the document's one path, into each item of the lists on the way; an empty list counts as null. */
function leaves(value: unknown, depth: number): unknown[] {
  if (Array.isArray(value) && depth > 0) {
    return value.length === 0 ? [null] : value.flatMap((item) => leaves(item, depth));
  }
  if (value == null || depth === 0) {
    return [Array.isArray(value) && value.length === 0 ? null : (value ?? null)];
  }
  return Object.values(value).flatMap((below) => leaves(below, depth - 1));
}

/** The letter of an answer; several where its parts differ, which no line of the table allows. */
function letterOf(answer: Answer, depth: number): string {
  const values = leaves(answer.data, depth);
  const codes = new Set(answer.codes);
  if (codes.size === 0) {
    return values.some((value) => value !== null) ? '+' : '0';
  }
  const named = Object.entries(letters).find(([, code]) => codes.has(code))?.[0] ?? `<${[...codes]}>`;
  return codes.size > 1 || values.some((value) => value !== null) ? `<${[...codes]} and values>` : named;
}

async function outcomeOf({ coordinate, way, needs }: Line, column: Column): Promise<string> {
  const document = documentOf(coordinate, way, world.records);
  const answer = await world.send(document, column, needs);
  const depth = selected(document).filter((each) => !each.endsWith('.__typename')).length;
  const letter = letterOf(answer, depth);
  if (letter === 'A' && column.name === 'none') {
    const lacks = answer.errors?.flatMap(({ extensions }) => extensions.missing) ?? [];
    expect([...new Set(lacks)].sort()).toEqual([...needs].sort());
  }
  return letter;
}

/** A mutation asked for by one actor: what is refused leaves no trace, and what is answered does. */
async function outcomeOfMutation(line: Line, column: Column): Promise<string> {
  const before = await server().contents();
  const letter = await outcomeOf(line, column);
  const after = await server().contents();
  if (letter === '+') {
    expect(after).not.toEqual(before);
    await world.restore();
  } else {
    expect([column, after]).toEqual([column, before]);
  }
  return letter;
}

beforeAll(async () => {
  world = await World.make(server());
  const distinct = new Map(lines.map(({ needs }) => [needs.join(), needs]));
  await world.settle([...distinct.values()]);
});

describe('Z0, Z1: the table of outcomes', () => {
  const coordinates = Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) && !isIntrospectionType(type)
      ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`)
      : [],
  );

  test('has a line for every field of the schema, and none for anything else', () => {
    expect([...new Set(lines.map(({ coordinate }) => coordinate))].sort()).toEqual(coordinates.sort());
  });

  test('is sorted, and says nothing twice', () => {
    const keys = lines.map(({ coordinate }) => coordinate);
    expect(keys).toEqual([...keys].sort());
    expect(new Set(lines.map(({ coordinate, way }) => `${coordinate} ${way}`)).size).toBe(lines.length);
  });

  test('asks for what it says', () => {
    for (const { coordinate, way } of lines) {
      const document = documentOf(coordinate, way, placeholders);
      expect([document, validate(schema, parse(document))]).toEqual([document, []]);
      expect(selected(document)).toContain(coordinate);
    }
  });
});

describe('Z1, Z9: what everybody gets, and what a refusal leaves', () => {
  test.each(lines)('$coordinate by way of $way', async (line) => {
    const [on, off] = [
      columns.filter(({ group }) => group !== 'API off'),
      columns.filter(({ group }) => group === 'API off'),
    ];
    const found = new Map<Column, string>();
    const ask = async (asking: readonly Column[]) => {
      if (isMutation(line)) {
        for (const column of asking) {
          found.set(column, await outcomeOfMutation(line, column));
        }
        return;
      }
      await Promise.all(asking.map(async (column) => found.set(column, await outcomeOf(line, column))));
    };
    const before = await server().contents();
    await ask(on);
    await world.switchApi(false);
    try {
      await ask(off);
    } finally {
      await world.switchApi(true);
    }
    expect(grouped(columns.map((column) => found.get(column) ?? ''))).toBe(line.outcomes);
    expect(await server().contents()).toEqual(before);
  });
});

describe('Z1: of the abilities that a line names, none is enough without the others', () => {
  const able = (line: Line, group: Column['group']) =>
    line.outcomes.replaceAll(' ', '')[columns.findIndex((column) => column.group === group && column.name === 'needs')];
  const cases = lines.flatMap((line) =>
    line.needs.map((missing) => ({ ...line, missing, rest: line.needs.filter((name) => name !== missing) })),
  );

  test.each(cases)('$coordinate by way of $way, without $missing', async ({ missing, rest, ...line }) => {
    const person = able(line, 'owner’s token') === '+' ? 'owner' : 'administrator';
    const answer = await world.sendAble(documentOf(line.coordinate, line.way, world.records), person, rest);
    expect([...new Set(answer.errors?.flatMap(({ extensions }) => extensions.missing))]).toEqual([missing]);
  });
});

describe('E8: the log of all these requests, at its most talkative', () => {
  test('has a line of JSON for each, and nothing that anybody could use or that says who it was', () => {
    expect(log.entries.length).toBeGreaterThan(lines.length * columns.length);
    expect(world.secrets.length).toBeGreaterThan(20);
    expect(world.secrets.filter((secret) => log.text.includes(secret))).toEqual([]);
    expect(log.text).not.toMatch(/\$argon2|@example\.com|[0-9a-f]{64}/);
  });
});
