import { beforeAll, describe, expect, test } from '@jest/globals';
import { apiTokenId } from '../../src/auth/api-token-id.js';
import { parseToken } from '../../src/auth/token-text.js';
import type { User } from '../../src/users/user.entity.js';
import { type Answer, type Client, publicIdOf, testServer } from '../helper.js';
import { watchStatements } from '../statements.js';

const server = testServer();
const list = `query ($search: String, $owner: ID, $ability: String, $unusedSince: DateTime, $first: Int! = 100, $after: String) {
  allApiTokens(
    search: $search, owner: $owner, ability: $ability, unusedSince: $unusedSince, first: $first, after: $after
  ) {
    nodes { id name effectiveAbilities lastUsedAt owner { id name email } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const revoke = 'mutation ($id: ID!) { revokeApiToken(id: $id) }';
const missing = apiTokenId.encode('01a2025c-c21e-7651-aa65-35edfbad985a');

let administrator: User;
let browser: Client;
let ada: User;
let bob: User;

const idOf = (client: Client) => apiTokenId.encode(parseToken('lk', client.token)?.id ?? '');
const refused = ({ codes, status, data }: Answer) => [codes, status, data];

async function found(variables: object): Promise<string[]> {
  const answer = await browser.send(list, variables as Record<string, unknown>);
  expect(answer.errors).toBeUndefined();
  return answer.data.allApiTokens.nodes.map(({ name }: { name: string }) => name);
}

async function kindOf(client: Client): Promise<string | undefined> {
  const answer = await client.send('{ viewer { kind } }');
  return answer.data?.viewer.kind ?? answer.codes[0];
}

beforeAll(async () => {
  await server().api(true);
  administrator = await server().administrator();
  browser = await server().withSession(administrator);
  ada = await server().user({ name: 'Ada', email: 'ada@math.example.com' });
  bob = await server().user({ name: 'Bob 100%', email: 'bob@tools.example.com' });
  const made: [User, string, string[]][] = [
    [ada, 'engine', ['post:delete']],
    [ada, 'Notes_1', ['read']],
    [bob, 'hammer', ['delete']],
    [bob, 'all', ['*']],
    [bob, 'nothing', []],
    [administrator, 'settings', ['settings:update']],
  ];
  for (const [owner, name, abilities] of made) {
    const id = parseToken('lk', (await server().actingAs(owner, abilities)).token)?.id;
    await server().sql('update api_tokens set name = $2 where id = $1', [id, name]);
  }
});

describe('allApiTokens', () => {
  const everything = ['settings', 'nothing', 'all', 'hammer', 'Notes_1', 'engine'];

  test('lists the tokens of everyone, the latest first, each with its owner', async () => {
    expect(await found({})).toEqual(everything);
    const { nodes } = (await browser.send(list, { first: 1, search: 'engine' })).data.allApiTokens;
    expect(nodes).toEqual([
      {
        id: expect.stringMatching(/^token_/),
        name: 'engine',
        effectiveAbilities: ['post:delete'],
        lastUsedAt: null,
        owner: { id: publicIdOf.user(ada), name: 'Ada', email: ada.email },
      },
    ]);
  });

  test.each([
    [{ search: 'ENG' }, ['engine']],
    [{ search: 'ada' }, ['Notes_1', 'engine']],
    [{ search: 'TOOLS.example' }, ['nothing', 'all', 'hammer']],
    [{ search: '100%' }, ['nothing', 'all', 'hammer']],
    [{ search: '%' }, ['nothing', 'all', 'hammer']],
    [{ search: '_' }, ['Notes_1']],
    [{ search: ' ' }, everything],
    [{ search: 'zzz' }, []],
    [{ ability: 'post:delete' }, ['all', 'hammer', 'engine']],
    [{ ability: 'delete' }, ['all', 'hammer']],
    [{ ability: 'user:read' }, ['all', 'Notes_1']],
    [{ ability: 'settings:read' }, ['settings', 'all', 'Notes_1']],
    [{ ability: '*' }, ['all']],
    [{ ability: 'post:delete', search: 'bob' }, ['all', 'hammer']],
    [{ search: null, owner: null, ability: null, unusedSince: null }, everything],
  ])('finds %j', async (variables, names) => {
    expect(await found(variables)).toEqual(names);
  });

  test('finds those of one owner', async () => {
    expect(await found({ owner: publicIdOf.user(bob) })).toEqual(['nothing', 'all', 'hammer']);
    expect(await found({ owner: publicIdOf.user(bob), search: 'all' })).toEqual(['all']);
    expect(await found({ owner: publicIdOf.user(await server().user()) })).toEqual([]);
  });

  test('finds those that lie unused, the young ones left alone', async () => {
    const sweeper = await server().user();
    const make = async (name: string, createdAt: string, lastUsedAt: string | null) => {
      const id = parseToken('lk', (await server().actingAs(sweeper, [])).token)?.id;
      await server().sql('update api_tokens set name = $2, created_at = $3, last_used_at = $4 where id = $1', [
        id,
        name,
        createdAt,
        lastUsedAt,
      ]);
    };
    await make('old, never used', '2020-01-01T00:00:00Z', null);
    await make('old, used long ago', '2020-01-01T00:00:00Z', '2021-01-01T00:00:00Z');
    await make('old, used lately', '2020-01-01T00:00:00Z', '2024-01-01T00:00:00Z');
    await make('young, never used', '2024-01-01T00:00:00Z', null);
    const unused = (unusedSince: string) => found({ owner: publicIdOf.user(sweeper), unusedSince });
    expect(await unused('2023-01-01T00:00:00Z')).toEqual(['old, used long ago', 'old, never used']);
    expect(await unused('2021-01-01T00:00:00Z')).toEqual(['old, never used']);
    expect(await unused('2021-01-01T00:00:00.001Z')).toEqual(['old, used long ago', 'old, never used']);
    expect(await unused('2019-01-01T00:00:00Z')).toEqual([]);
    await server().sql('delete from api_tokens where user_id = $1', [sweeper.id]);
  });

  test('counts a use that is not written down yet', async () => {
    const worker = await server().user();
    const program = await server().actingAs(worker, []);
    await program.send('{ viewer { kind } }');
    const { nodes } = (await browser.send(list, { owner: publicIdOf.user(worker) })).data.allApiTokens;
    expect(nodes).toEqual([expect.objectContaining({ lastUsedAt: expect.any(String) })]);
    await server().sql('delete from api_tokens where user_id = $1', [worker.id]);
  });

  test('comes in pages', async () => {
    const first = (await browser.send(list, { first: 4 })).data.allApiTokens;
    expect(first.pageInfo.hasNextPage).toBe(true);
    const rest = (await browser.send(list, { after: first.pageInfo.endCursor })).data.allApiTokens;
    expect([...first.nodes, ...rest.nodes].map(({ name }) => name)).toEqual(everything);
  });

  test('takes few statements, however many tokens and owners there are', async () => {
    await found({});
    const statements = await watchStatements(server());
    try {
      await found({});
      // The session, the tokens, their owners.
      expect(statements.since()).toBe(3);
    } finally {
      statements.stop();
    }
  });

  test.each([
    [{ first: 101 }, { first: ['must be at most 100.'] }],
    [{ search: 'a\0' }, { search: ['must not contain a NUL character.'] }],
    [{ owner: missing }, { owner: ['must be the id of a user.'] }],
    [{ ability: 'post:explode' }, { ability: ['"post:explode" is not an ability.'] }],
    [{ ability: '' }, { ability: ['"" is not an ability.'] }],
    [{ ability: '__proto__' }, { ability: ['"__proto__" is not an ability.'] }],
  ])('refuses %j', async (variables, fields) => {
    const answer = await browser.send(list, variables);
    expect(answer.errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', fields });
  });
});

describe('revokeApiToken', () => {
  test('ends anybody’s token from the next request on, and no other one', async () => {
    const [token, other] = [await server().actingAs(ada, ['read']), await server().actingAs(ada, ['read'])];
    expect((await browser.send(revoke, { id: idOf(token) })).data.revokeApiToken).toBe(idOf(token));
    expect(await kindOf(token)).toBe('UNAUTHENTICATED');
    expect(await kindOf(other)).toBe('TOKEN');
    expect((await browser.send(revoke, { id: idOf(token) })).codes).toEqual(['NOT_FOUND']);
    await browser.send(revoke, { id: idOf(other) });
  });

  test('X5 ends one that ten ask for at once for one of them', async () => {
    const token = await server().actingAs(bob, []);
    const answers = await Promise.all(Array.from({ length: 10 }, () => browser.send(revoke, { id: idOf(token) })));
    expect(answers.map((answer) => answer.codes[0] ?? 'revoked').sort()).toEqual([
      ...Array.from({ length: 9 }, () => 'NOT_FOUND'),
      'revoked',
    ]);
  });

  test.each(['', 'token', publicIdOf.user({ id: '01a2025c-c21e-7651-aa65-35edfbad985a' }), `${missing}\0`])(
    'takes no other id: %j',
    async (id) => {
      const before = await server().contents();
      const answer = await browser.send(revoke, { id });
      expect(answer.errors?.[0]?.extensions.fields).toEqual({ id: ['must be the id of a token.'] });
      expect(await server().contents()).toEqual(before);
    },
  );
});

describe('Z3, A12: the oversight of tokens', () => {
  let token: Client;

  beforeAll(async () => {
    token = await server().actingAs(bob, ['read']);
  });

  test('is an administrator’s, by session alone', async () => {
    const attempts: [Client, string, number][] = [
      [server().asGuest(), 'UNAUTHENTICATED', 401],
      [await server().withSession(bob), 'FORBIDDEN', 403],
      [await server().actingAs(bob, ['*']), 'SESSION_REQUIRED', 403],
      [await server().actingAs(administrator, ['*']), 'SESSION_REQUIRED', 403],
    ];
    const before = await server().contents();
    for (const [client, code, status] of attempts) {
      expect(refused(await client.send(list, {}))).toEqual([[code], status, undefined]);
      expect(refused(await client.send(revoke, { id: idOf(token) }))).toEqual([[code], status, undefined]);
      expect(refused(await client.send(revoke, { id: missing }))).toEqual([[code], status, undefined]);
    }
    expect(await server().contents()).toEqual(before);
  });

  test('goes on while the API is off', async () => {
    const condemned = await server().actingAs(bob, ['read']);
    await server().api(false);
    try {
      expect(await found({ search: 'hammer' })).toEqual(['hammer']);
      expect((await browser.send(revoke, { id: idOf(condemned) })).errors).toBeUndefined();
      expect(await kindOf(token)).toBe('API_DISABLED');
    } finally {
      await server().api(true);
    }
    expect(await kindOf(condemned)).toBe('UNAUTHENTICATED');
    expect(await kindOf(token)).toBe('TOKEN');
  });

  test('does not make another person’s token an administrator’s own', async () => {
    const mine = await browser.send('{ apiTokens(first: 100) { nodes { owner { id } } } }');
    const owners = new Set(mine.data.apiTokens.nodes.map((node: any) => node.owner.id));
    expect([...owners]).toEqual([publicIdOf.user(administrator)]);
    const byId = await browser.send('query ($id: ID!) { node(id: $id) { id } }', { id: idOf(token) });
    expect(byId.codes).toEqual(['NOT_FOUND']);
  });
});

describe('ApiToken.owner', () => {
  test('is shown to the owner’s session and to the token that may read users', async () => {
    const client = await server().withSession(ada);
    const own = await client.send('{ apiTokens { nodes { owner { name email } } } }');
    expect(own.data.apiTokens.nodes[0]).toEqual({ owner: { name: 'Ada', email: ada.email } });
    const made = await client.send(
      'mutation { createApiToken(name: "x", abilities: []) { apiToken { id owner { name } } } }',
    );
    expect(made.data.createApiToken.apiToken.owner).toEqual({ name: 'Ada' });
    const self = '{ viewer { token { owner { name email } } } }';
    const able = await (await server().actingAs(ada, ['user:read'])).send(self);
    expect(able.data.viewer.token.owner).toEqual({ name: 'Ada', email: ada.email });
    const unable = await (await server().actingAs(ada, [])).send(self);
    expect(refused(unable)).toEqual([['INSUFFICIENT_ABILITIES'], 403, undefined]);
    const kind = await (await server().actingAs(ada, [])).send('{ viewer { token { owner { __typename } } } }');
    expect(refused(kind)).toEqual([['INSUFFICIENT_ABILITIES'], 403, undefined]);
  });

  test('is not for a guest who gets a first token, and then none is made', async () => {
    const before = await server().contents();
    const answer = await server()
      .asGuest()
      .send(
        `mutation ($email: String!, $password: String!) {
          issueApiToken(email: $email, password: $password, deviceName: "Phone") { apiToken { owner { name } } }
        }`,
        { email: ada.email, password: 'correct horse battery staple' },
      );
    expect(refused(answer)).toEqual([['UNAUTHENTICATED'], 401, undefined]);
    expect(await server().contents()).toEqual(before);
  });
});
