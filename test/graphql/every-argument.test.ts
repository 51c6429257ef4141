import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import { apiTokenId } from '../../src/auth/api-token-id.js';
import { parseToken } from '../../src/auth/token-text.js';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';
import { type Client, password, publicIdOf, testServer } from '../helper.js';
import { watchStatements } from '../statements.js';
import { type Place, placesOf } from './every-argument.js';

// Guesses are not counted here: most passwords below are hostile ones.
const server = testServer({
  LOGIN_ATTEMPTS_PER_MINUTE: '10000',
  LOGIN_ATTEMPTS_PER_ADDRESS: '100000',
  REGISTRATIONS_PER_ADDRESS: '100000',
  COST_PER_MINUTE: '0',
  COST_PER_MINUTE_GUEST: '0',
});

/** Where a text that is taken can be read again. */
const selections = {
  'Mutation.createPost': '{ title body }',
  'Mutation.updatePost': '{ title body }',
  'Mutation.createApiToken': '{ apiToken { name } }',
  'Mutation.updateApiToken': '{ name }',
  'Mutation.issueApiToken': '{ apiToken { name } }',
  'Mutation.register': '{ user { name } }',
  'Mutation.updateAccount': '{ user { name } }',
};
const { schema } = guardedSchema(modules);
const texts = placesOf(schema, 'String', selections);
const ids = placesOf(schema, 'ID');

/** An administrator with a browser, a post, a token and another user: whatever an argument can be about. */
interface Subject {
  readonly browser: Client;
  /** What each argument takes; by its coordinate where the name alone does not tell. */
  readonly values: Readonly<Record<string, unknown>>;
}

let sequence = 0;

function freshEmail(): string {
  sequence += 1;
  return `new-${sequence}@example.com`;
}

async function subject(): Promise<Subject> {
  await server().api(true);
  const user = await server().administrator();
  const token = apiTokenId.encode(parseToken('lk', (await server().actingAs(user, ['read'])).token)?.id ?? '');
  const browser = await server().withSession(user);
  const post = publicIdOf.post(await server().post(user));
  const sessions = await browser.send('{ sessions { id } }');
  return {
    browser,
    values: {
      name: 'Name',
      password,
      currentPassword: password,
      newPassword: 'another battery staple',
      title: 'Title',
      body: 'Body',
      deviceName: 'Device',
      abilities: ['read'],
      'Mutation.issueApiToken(email:)': user.email,
      ability: 'read',
      document: '{ __typename }',
      id: post,
      author: publicIdOf.user(user),
      owner: publicIdOf.user(user),
      'Query.user(id:)': publicIdOf.user(user),
      'Mutation.updateUser(id:)': publicIdOf.user(await server().user()),
      'Mutation.revokeSession(id:)': sessions.data.sessions[0].id,
      'Mutation.updateApiToken(id:)': token,
      'Mutation.deleteApiToken(id:)': token,
      'Mutation.revokeApiToken(id:)': token,
    },
  };
}

/** The variables of a document, with one value in the place that is tried. */
function variables({ coordinate, argument, variables: names }: Place, { values }: Subject, value?: unknown) {
  const field = coordinate.slice(0, coordinate.indexOf('('));
  const given = names.map(
    (name) => [name, values[`${field}(${name}:)`] ?? values[name] ?? (name === 'email' ? freshEmail() : null)] as const,
  );
  return { ...Object.fromEntries(given), ...(value === undefined ? {} : { [argument]: value }) };
}

/** A guest signs in; everything else is asked for by the browser. */
const asker = ({ coordinate }: Place, { browser }: Subject) =>
  /^Mutation\.(login|register|issueApiToken)\(/.test(coordinate) ? server().asGuest() : browser;

const valid = ({ coordinate, argument }: Place, { values }: Subject) =>
  String(values[coordinate] ?? values[argument] ?? argument);

/** Arguments whose text never leaves the process, so that any is as good as another. */
const harmless = ['Query.accessPlan(document:)', 'Query.accessPlan(operationName:)', 'Viewer.tokenCan(ability:)'];

describe('X1 a NUL in a text', () => {
  test.each(texts)('$coordinate', async (place) => {
    const one = await subject();
    const before = await server().contents();
    const hostile = ['\0', `${valid(place, one)}\0`, `\0${valid(place, one)}`];
    const answers = (
      await Promise.all(
        hostile.map((text) => {
          const value = place.isList ? ['read', text] : text;
          return Promise.all([
            asker(place, one).send(place.document, variables(place, one, value)),
            asker(place, one).send(place.literal(JSON.stringify(value)), variables(place, one)),
          ]);
        }),
      )
    ).flat();
    const refused = harmless.includes(place.coordinate) ? [] : ['BAD_USER_INPUT'];
    for (const { codes, errors } of answers) {
      expect(codes).toEqual(refused);
      expect((errors ?? []).map(({ extensions }) => Object.keys(extensions.fields))).toEqual(
        refused.map(() => [place.argument]),
      );
    }
    expect(await server().contents()).toEqual(before);
  });
});

describe('X9 the characters of SQL in a text', () => {
  const hostile = [
    `'`,
    `"; drop table users; --`,
    `') or ('1'='1`,
    `'; select pg_sleep(10); --`,
    `\\'; delete from api_tokens; /*`,
    '$1 ? :name {} #{x} %s %27',
    '%_\\%\\_',
    '{"$ne":null}',
    '\u2019\uff07\u02bc OR 1=1',
  ];
  // What an account, a cursor or a plan that is made of nonsense is told.
  const refusals = ['BAD_USER_INPUT', 'UNAUTHENTICATED'];

  test.each(texts)('$coordinate', async (place) => {
    const one = await subject();
    const bystander = await server().user();
    await server().post(bystander);
    await server().actingAs(bystander, ['read']);
    const before = await rowsOf(bystander.id);
    for (const text of hostile) {
      const value = place.isList ? [text] : text;
      const answer = await asker(place, one).send(place.document, variables(place, one, value));
      expect(answer.codes.filter((code) => !refusals.includes(code))).toEqual([]);
      if (answer.codes.length === 0 && /^(name|title|body|deviceName)$/.test(place.argument)) {
        expect(leaves(answer.data)).toContain(text);
      }
    }
    expect(await rowsOf(bystander.id)).toEqual(before);
  });

  async function rowsOf(id: string): Promise<unknown[]> {
    const tables = Object.values((await server().contents()) as Record<string, { row: string }[]>);
    return tables.flat().filter(({ row }) => row.includes(id));
  }
});

describe('X8 an id of any other form', () => {
  const never = ['BAD_USER_INPUT', 'NOT_FOUND', 'GRAPHQL_VALIDATION_FAILED'];
  const values: unknown[] = [
    ...['', '1', ' 1', '1e3', '-1', '0', '2147483648', '9223372036854775808', 'NaN', 'null', '1|x', "1' or '1'='1"],
    ...[1, -1, 0, 2_147_483_648, 1.5, 1e21, true, [], [1], [[1]], {}, { $ne: null }],
    ...['01a2025c-c21e-7651-aa65-35edfbad985a', 'post_', '_01h455vb4pex5vsknk084sn02q'],
    ...['post_8zzzzzzzzzzzzzzzzzzzzzzzzz', 'nothing_01h455vb4pex5vsknk084sn02q', 'x'.repeat(1_000)],
  ];
  const literals = [
    '1',
    '"1"',
    '" 1"',
    '1e3',
    '-1',
    '0',
    '2147483648',
    '9223372036854775808',
    'NaN',
    'null1',
    '[1]',
    '{}',
  ];

  test.each(ids)('$coordinate', async (place) => {
    const one = await subject();
    const id = valid(place, one);
    const near = [` ${id}`, `${id} `, `${id}\0`, id.toUpperCase(), id.replace('_', '-'), `${id}0`, id.slice(0, -1)];
    const before = await server().contents();
    const statements = await watchStatements(server());
    try {
      for (const value of [...values, ...near]) {
        await expectRefused(place.document, variables(place, one, value));
      }
      for (const literal of literals) {
        await expectRefused(place.literal(literal), variables(place, one));
      }
    } finally {
      statements.stop();
    }
    expect(await server().contents()).toEqual(before);

    async function expectRefused(document: string, given: Record<string, unknown>): Promise<void> {
      // What refusals leave behind is written later, by a statement of its own.
      await server().app.services.refusals.flush();
      statements.since();
      const { codes } = await one.browser.send(document, given);
      expect(codes).toHaveLength(1);
      expect(never).toContain(codes[0]);
      // The session was looked up, and nothing else.
      expect(statements.since()).toBeLessThanOrEqual(1);
    }
  });
});

/** All that stands at the ends of an answer. */
function leaves(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [value];
}
