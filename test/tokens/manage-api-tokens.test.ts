import { beforeAll, describe, expect, test } from '@jest/globals';
import { apiTokenId } from '../../src/auth/api-token-id.js';
import { parseToken } from '../../src/auth/token-text.js';
import type { User } from '../../src/users/user.entity.js';
import { type Client, publicIdOf, testServer } from '../helper.js';

const server = testServer();
const list = `query ($first: Int! = 20, $after: String) {
  apiTokens(first: $first, after: $after) {
    nodes { id name }
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
const update = `mutation ($id: ID!, $name: String, $abilities: [String!]) {
  updateApiToken(id: $id, name: $name, abilities: $abilities) { id name abilities effectiveAbilities }
}`;
const remove = 'mutation ($id: ID!) { deleteApiToken(id: $id) }';
const node = 'query ($id: ID!) { node(id: $id) { id } }';
const revokeCurrent = 'mutation { revokeCurrentApiToken }';
const missing = apiTokenId.encode('01a2025c-c21e-7651-aa65-35edfbad985a');

let owner: User;
let browser: Client;
let stranger: Client;

beforeAll(async () => {
  await server().api(true);
  owner = await server().user();
  browser = await server().withSession(owner);
  stranger = await server().withSession(await server().user());
});

function uuidOf(client: Client): string {
  return parseToken('lk', client.token)?.id ?? '';
}

function idOf(client: Client): string {
  return apiTokenId.encode(uuidOf(client));
}

async function kindOf(client: Client): Promise<string | undefined> {
  const answer = await client.send('{ viewer { kind } }');
  return answer.data?.viewer.kind ?? answer.codes[0];
}

async function rowOf(client: Client): Promise<Record<string, unknown> | undefined> {
  const rows = await server().sql(
    'select name, array_to_json(abilities)::text as abilities from api_tokens where id = $1',
    [uuidOf(client)],
  );
  return rows[0];
}

describe('apiTokens', () => {
  let collector: User;
  let client: Client;
  let newestFirst: string[];

  beforeAll(async () => {
    collector = await server().user();
    client = await server().withSession(collector);
    await server().actingAs(owner, ['read']);
    const made: string[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      made.push(idOf(await server().actingAs(collector, [])));
      await server().actingAs(owner, []);
    }
    newestFirst = made.reverse();
  });

  test('lists the tokens of the user and nobody else, newest first', async () => {
    const { apiTokens } = (await client.send(list)).data;
    expect(apiTokens.nodes.map(({ id }: any) => id)).toEqual(newestFirst);
    expect(apiTokens.edges.map((edge: any) => edge.node.id)).toEqual(newestFirst);
    expect(apiTokens.pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: apiTokens.edges[0].cursor,
      endCursor: apiTokens.edges[4].cursor,
    });
  });

  test.each([1, 2, 3, 4, 5, 100])('is read to its end in pages of %i', async (first) => {
    const seen: string[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < 6; pages += 1) {
      const { apiTokens }: any = (await client.send(list, { first, after })).data;
      expect(apiTokens.nodes.length).toBeLessThanOrEqual(first);
      expect(apiTokens.pageInfo.hasPreviousPage).toBe(after !== null);
      seen.push(...apiTokens.nodes.map(({ id }: any) => id));
      if (!apiTokens.pageInfo.hasNextPage) {
        break;
      }
      after = apiTokens.pageInfo.endCursor;
    }
    expect(seen).toEqual(newestFirst);
  });

  test('goes on where it was although tokens come and go meanwhile', async () => {
    const first: any = (await client.send(list, { first: 2 })).data.apiTokens;
    const added = await server().actingAs(collector, []);
    await server().sql('delete from api_tokens where id = $1', [apiTokenId.decode(first.nodes[1].id)]);
    const second: any = (await client.send(list, { first: 10, after: first.pageInfo.endCursor })).data.apiTokens;
    expect(second.nodes.map(({ id }: any) => id)).toEqual(newestFirst.slice(2));
    await server().sql('delete from api_tokens where id = $1', [uuidOf(added)]);
  });

  test('Z4: gives nothing of others for a cursor that is theirs', async () => {
    const theirs: any = (await browser.send(list, { first: 1 })).data.apiTokens;
    const { apiTokens } = (await client.send(list, { after: theirs.pageInfo.endCursor })).data;
    expect(apiTokens.nodes).not.toEqual([]);
    for (const { id } of apiTokens.nodes) {
      expect(newestFirst).toContain(id);
    }
  });

  test('is empty for one who has none', async () => {
    const { apiTokens } = (await (await server().withSession(await server().user())).send(list)).data;
    expect(apiTokens).toEqual({
      nodes: [],
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  test.each([0, -1, 101, 1_000])('refuses a page of %i', async (first) => {
    const answer = await client.send(list, { first });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(Object.keys(answer.errors?.[0]?.extensions.fields)).toEqual(['first']);
    const literal = await client.send(`{ apiTokens(first: ${first}) { nodes { id } } }`);
    expect(literal.errors?.[0]?.extensions.fields).toEqual(answer.errors?.[0]?.extensions.fields);
  });

  test.each([
    ['nothing', ''],
    ['a word', 'x'],
    ['an id', missing],
    ['a number', Buffer.from('5').toString('base64url')],
    ['SQL', Buffer.from("' or 1=1 --").toString('base64url')],
    ['a UUID with more behind it', Buffer.from('01a2025c-c21e-7651-aa65-35edfbad985a\n').toString('base64url')],
    ['a NUL character', '\0'],
    ['kilobytes', 'A'.repeat(50_000)],
  ])('refuses a cursor that is broken: %s', async (_name, after) => {
    const answer = await client.send(list, { after });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(Object.keys(answer.errors?.[0]?.extensions.fields)).toEqual(['after']);
  });

  test('tells of a bad page and a bad cursor at once', async () => {
    const answer = await client.send(list, { first: 0, after: 'x' });
    expect(Object.keys(answer.errors?.[0]?.extensions.fields).sort()).toEqual(['after', 'first']);
  });
});

describe('updateApiToken', () => {
  test('token permissions can be updated, from the next request on', async () => {
    const token = await server().actingAs(owner, ['create', 'read']);
    const answer = await browser.send(update, { id: idOf(token), abilities: ['delete', 'delete'] });
    expect(answer.data.updateApiToken).toMatchObject({
      id: idOf(token),
      name: 'Test',
      abilities: ['delete'],
      effectiveAbilities: ['delete', 'post:delete'],
    });
    const viewer = (await token.send('{ viewer { abilities create: tokenCan(ability: "create") } }')).data.viewer;
    expect(viewer).toEqual({ abilities: ['delete', 'post:delete'], create: false });
  });

  test('an unknown permission is refused by name and the token stays as it was', async () => {
    const token = await server().actingAs(owner, ['create', 'read']);
    const before = await server().contents();
    const answer = await browser.send(update, { id: idOf(token), abilities: ['delete', 'missing-permission'] });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(answer.errors?.[0]?.extensions.fields).toEqual({
      abilities: [expect.stringContaining('"missing-permission"')],
    });
    expect(await server().contents()).toEqual(before);
  });

  test('an ability that is taken away is missed by the next request, and one that is given can be used by it', async () => {
    const token = await server().actingAs(owner, ['post:read']);
    const posts = '{ posts { nodes { id } } }';
    expect((await token.send(posts)).errors).toBeUndefined();
    await browser.send(update, { id: idOf(token), abilities: [] });
    const refused = await token.send(posts);
    expect(refused.codes).toEqual(['INSUFFICIENT_ABILITIES']);
    expect(refused.errors?.[0]?.extensions.missing).toEqual(['post:read']);
    await browser.send(update, { id: idOf(token), abilities: ['read'] });
    expect((await token.send(posts)).errors).toBeUndefined();
  });

  test('changes only what is given', async () => {
    const token = await server().actingAs(owner, ['read']);
    const id = idOf(token);
    expect((await browser.send(update, { id, name: ' New name ' })).data.updateApiToken.name).toBe('New name');
    expect(await rowOf(token)).toEqual({ name: 'New name', abilities: '["read"]' });
    await browser.send(update, { id, abilities: ['update'] });
    expect(await rowOf(token)).toEqual({ name: 'New name', abilities: '["update"]' });
    await browser.send(update, { id, name: null, abilities: null });
    await browser.send(update, { id });
    expect(await rowOf(token)).toEqual({ name: 'New name', abilities: '["update"]' });
    expect(await kindOf(token)).toBe('TOKEN');
  });

  test('two tokens of one user keep their own abilities', async () => {
    const [one, another] = [
      await server().actingAs(owner, ['post:read']),
      await server().actingAs(owner, ['post:update']),
    ];
    await browser.send(update, { id: idOf(one), abilities: ['post:delete'] });
    expect((await one.send('{ viewer { abilities } }')).data.viewer.abilities).toEqual(['post:delete']);
    expect((await another.send('{ viewer { abilities } }')).data.viewer.abilities).toEqual(['post:update']);
  });

  test.each([
    ['an empty name', { name: '' }, ['name']],
    ['256 characters of a name', { name: 'x'.repeat(256) }, ['name']],
    ['a NUL character in the name', { name: 'a\0b' }, ['name']],
    ['the wildcard', { abilities: ['*'] }, ['abilities']],
    ['an ability for administrators', { abilities: ['settings:update'] }, ['abilities']],
    ['too many abilities', { abilities: Array.from({ length: 201 }, () => 'read') }, ['abilities']],
    ['both wrong', { name: ' ', abilities: ['Read'] }, ['abilities', 'name']],
  ])('is refused with the names of the arguments: %s', async (_name, variables, fields) => {
    const token = await server().actingAs(owner, ['read']);
    const before = await server().contents();
    const answer = await browser.send(update, { id: idOf(token), ...variables });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(Object.keys(answer.errors?.[0]?.extensions.fields).sort()).toEqual(fields);
    expect(await server().contents()).toEqual(before);
  });

  test('Z2, Z7: has no argument for the end, the owner or the secret', async () => {
    const token = await server().actingAs(owner, []);
    for (const argument of ['expiresAt: "2040-01-01T00:00:00Z"', 'userId: "x"', 'secretHash: "x"', 'user: "x"']) {
      const answer = await browser.send(`mutation { updateApiToken(id: "${idOf(token)}", ${argument}) { id } }`);
      expect(answer.codes).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    }
  });
});

describe('deleteApiToken', () => {
  test('tokens can be deleted, and are refused from the next request on', async () => {
    const token = await server().actingAs(owner, ['read']);
    const other = await server().actingAs(owner, ['read']);
    expect((await browser.send(remove, { id: idOf(token) })).data.deleteApiToken).toBe(idOf(token));
    expect(await rowOf(token)).toBeUndefined();
    expect(await kindOf(token)).toBe('UNAUTHENTICATED');
    expect(await kindOf(other)).toBe('TOKEN');
  });

  test('a token that is gone is not found', async () => {
    const token = await server().actingAs(owner, ['read']);
    await browser.send(remove, { id: idOf(token) });
    const again = await browser.send(remove, { id: idOf(token) });
    expect(again.codes).toEqual(['NOT_FOUND']);
    expect(again.status).toBe(200);
  });

  test('X5 ten at once delete it once, and nine do not find it', async () => {
    const token = await server().actingAs(owner, ['read']);
    const answers = await Promise.all(Array.from({ length: 10 }, () => browser.send(remove, { id: idOf(token) })));
    const outcomes = answers.map((answer) => answer.codes[0] ?? 'deleted').sort();
    expect(outcomes).toEqual([...Array.from({ length: 9 }, () => 'NOT_FOUND'), 'deleted']);
  });

  test('A5 fifty requests that begin after its answer are all refused', async () => {
    const token = await server().actingAs(owner, ['read']);
    const early = Array.from({ length: 10 }, () => kindOf(token));
    expect((await browser.send(remove, { id: idOf(token) })).errors).toBeUndefined();
    const late = await Promise.all(Array.from({ length: 50 }, () => token.send('{ viewer { kind } }')));
    expect(new Set(late.map((answer) => answer.status))).toEqual(new Set([401]));
    for (const outcome of await Promise.all(early)) {
      expect(['TOKEN', 'UNAUTHENTICATED']).toContain(outcome);
    }
  });
});

describe("Z4: somebody else's token", () => {
  let token: Client;

  beforeAll(async () => {
    token = await server().actingAs(owner, ['read']);
  });

  test.each([
    ['update', update, { name: 'Stolen', abilities: [] }],
    ['update with bad values', update, { name: '', abilities: ['x'] }],
    ['delete', remove, {}],
    ['read', node, {}],
  ])('cannot be told from a missing one: %s', async (_name, document, variables) => {
    const before = await server().contents();
    const theirs = await stranger.send(document, { id: idOf(token), ...variables });
    const none = await stranger.send(document, { id: missing, ...variables });
    expect(theirs.codes).toEqual(['NOT_FOUND']);
    expect(theirs.text).toBe(none.text);
    expect(theirs.status).toBe(none.status);
    expect(await server().contents()).toEqual(before);
    expect(await kindOf(token)).toBe('TOKEN');
  });

  test.each([
    ['update', update, { name: 'Stolen' }],
    ['delete', remove, {}],
    ['read', node, {}],
  ])('cannot be told from a missing one by an administrator either: %s', async (_name, document, variables) => {
    const administrator = await server().withSession(await server().administrator());
    const theirs = await administrator.send(document, { id: idOf(token), ...variables });
    expect(theirs.codes).toEqual(['NOT_FOUND']);
    expect(theirs.text).toBe((await administrator.send(document, { id: missing, ...variables })).text);
    expect(await rowOf(token)).toMatchObject({ name: 'Test' });
  });

  test('cannot be read by another token, and neither can another one of the same owner', async () => {
    const program = await server().actingAs(owner, ['read']);
    const other = await program.send(node, { id: idOf(token) });
    expect(other.codes).toEqual(['NOT_FOUND']);
    expect(other.text).toBe((await program.send(node, { id: missing })).text);
    expect((await program.send(node, { id: idOf(program) })).data.node.id).toBe(idOf(program));
  });

  test.each([
    ['nothing', ''],
    ['a number', '1'],
    ['an id of another type', publicIdOf.user({ id: '01a2025c-c21e-7651-aa65-35edfbad985a' })],
    ['a UUID', '01a2025c-c21e-7651-aa65-35edfbad985a'],
    ['an id in capitals', missing.toUpperCase()],
    ['an id with a space', ` ${missing}`],
    ['an id with more behind it', `${missing}0`],
    ['an id that overflows', 'token_8zzzzzzzzzzzzzzzzzzzzzzzzz'],
    ['a NUL character', `${missing}\0`],
    ['SQL', "token_' or '1'='1"],
    ['kilobytes', `token_${'0'.repeat(50_000)}`],
  ])('is named by an id, and anything else is bad input: %s', async (_name, id) => {
    const before = await server().contents();
    for (const document of [update, remove]) {
      const answer = await browser.send(document, { id });
      expect(answer.codes).toEqual(['BAD_USER_INPUT']);
      expect(Object.keys(answer.errors?.[0]?.extensions.fields)).toEqual(['id']);
    }
    expect(await server().contents()).toEqual(before);
  });
});

/** Every field that manages tokens or sessions. */
const management: [field: string, document: string][] = [
  ['apiTokens', '{ apiTokens { nodes { id } } }'],
  ['createApiToken', 'mutation { createApiToken(name: "x", abilities: []) { plainTextToken } }'],
  ['updateApiToken', `mutation { updateApiToken(id: "${missing}", abilities: ["read"]) { id } }`],
  ['deleteApiToken', `mutation { deleteApiToken(id: "${missing}") }`],
  ['sessions', '{ sessions { id } }'],
  ['revokeSession', 'mutation { revokeSession(id: "session_01h455vb4pex5vsknk084sn02q") }'],
  ['revokeOtherSessions', 'mutation { revokeOtherSessions }'],
  ['updateAccount', 'mutation { updateAccount(name: "x") { kind } }'],
  ['updatePassword', 'mutation { updatePassword(currentPassword: "x", newPassword: "a new password") { kind } }'],
  ['deleteAccount', 'mutation { deleteAccount(password: "x") { kind } }'],
];

describe('Z2, A12: what only a first-party session may do', () => {
  test.each(management)('is refused to a token that can everything: %s', async (_field, document) => {
    const program = await server().actingAs(await server().administrator(), ['*']);
    const before = await server().contents();
    const answer = await program.send(document);
    expect(answer.codes).toEqual(['SESSION_REQUIRED']);
    expect(answer.status).toBe(403);
    expect(answer.data).toBeUndefined();
    expect(await server().contents()).toEqual(before);
  });

  test.each(management)('is refused to a guest: %s', async (_field, document) => {
    const before = await server().contents();
    const answer = await server().asGuest().send(document);
    expect(answer.codes).toEqual(['UNAUTHENTICATED']);
    expect(answer.status).toBe(401);
    expect(await server().contents()).toEqual(before);
  });

  test('is refused to a token also for itself', async () => {
    const program = await server().actingAs(owner, ['*']);
    const id = idOf(program);
    for (const document of [update, remove]) {
      expect((await program.send(document, { id, abilities: ['read'] })).codes).toEqual(['SESSION_REQUIRED']);
    }
    expect(await rowOf(program)).toEqual({ name: 'Test', abilities: '["*"]' });
  });

  test('is refused with all else in the document', async () => {
    const program = await server().actingAs(owner, ['*']);
    const before = await server().contents();
    const answer = await program.send(
      `mutation { createPost(title: "x", body: "y") { id } deleteApiToken(id: "${idOf(program)}") }`,
    );
    expect(answer.codes).toEqual(['SESSION_REQUIRED']);
    expect(await server().contents()).toEqual(before);
  });
});

describe('revokeCurrentApiToken', () => {
  test('Z2: a token ends itself, and only itself', async () => {
    const [token, other] = [await server().actingAs(owner, []), await server().actingAs(owner, [])];
    const answer = await token.send(revokeCurrent);
    expect(answer.data.revokeCurrentApiToken).toBe(idOf(token));
    expect(await kindOf(token)).toBe('UNAUTHENTICATED');
    expect((await token.send(revokeCurrent)).status).toBe(401);
    expect(await kindOf(other)).toBe('TOKEN');
  });

  test('A5 fifty requests that begin after its answer are all refused', async () => {
    const token = await server().actingAs(owner, ['read']);
    await token.send(revokeCurrent);
    const late = await Promise.all(Array.from({ length: 50 }, () => token.send('{ viewer { kind } }')));
    expect(new Set(late.map((answer) => answer.text)).size).toBe(1);
    expect(new Set(late.map((answer) => answer.status))).toEqual(new Set([401]));
  });

  test('X5 ten at once end it once', async () => {
    const token = await server().actingAs(owner, []);
    const answers = await Promise.all(Array.from({ length: 10 }, () => token.send(revokeCurrent)));
    expect(answers.filter((answer) => answer.errors === undefined)).toHaveLength(1);
    for (const answer of answers) {
      expect(['NOT_FOUND', 'UNAUTHENTICATED', undefined]).toContain(answer.codes[0]);
    }
  });

  test('A12 a session and a guest have no token to end', async () => {
    const before = await server().contents();
    const session = await browser.send(revokeCurrent);
    expect(session.codes).toEqual(['FORBIDDEN']);
    expect(session.status).toBe(403);
    expect((await server().asGuest().send(revokeCurrent)).codes).toEqual(['UNAUTHENTICATED']);
    expect(await server().contents()).toEqual(before);
  });
});

describe('a token that looks at itself', () => {
  test('sees everything but its secret, without any ability', async () => {
    const token = await server().actingAs(owner, [], new Date('2040-01-01T00:00:00.000Z'));
    const answer = await token.send(
      '{ viewer { kind abilities token { id name abilities effectiveAbilities preview createdAt expiresAt lastUsedAt lastUsedIp } } }',
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data.viewer).toMatchObject({
      kind: 'TOKEN',
      abilities: [],
      token: {
        id: idOf(token),
        name: 'Test',
        abilities: [],
        effectiveAbilities: [],
        preview: `${token.token.slice(0, 30)}…`,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        expiresAt: '2040-01-01T00:00:00.000Z',
      },
    });
  });

  test('finds itself by its id too', async () => {
    const token = await server().actingAs(owner, []);
    const answer = await token.send('query ($id: ID!) { node(id: $id) { id ... on ApiToken { name } } }', {
      id: idOf(token),
    });
    expect(answer.data.node).toEqual({ id: idOf(token), name: 'Test' });
  });

  test('does not see its owner without the ability to', async () => {
    const answer = await (await server().actingAs(owner, [])).send('{ viewer { kind user { name } } }');
    expect(answer.codes).toEqual(['INSUFFICIENT_ABILITIES']);
  });

  test('is null for a session and a guest', async () => {
    const document = '{ viewer { token { id } } }';
    expect((await browser.send(document)).data.viewer).toEqual({ token: null });
    expect((await server().asGuest().send(document)).data.viewer).toEqual({ token: null });
  });
});

describe('abilities', () => {
  let abilities: any[];

  beforeAll(async () => {
    const document = '{ abilities { name title description group implies adminOnly isDefault unlocks } }';
    abilities = (await server().asGuest().send(document)).data.abilities;
  });

  test('begin with the four coarse ones', () => {
    expect(abilities.slice(0, 4).map(({ name }) => name)).toEqual(['create', 'read', 'update', 'delete']);
  });

  test('imply that action on every resource, when they are coarse', () => {
    const names: string[] = abilities.map(({ name }) => name);
    for (const coarse of ['create', 'read', 'update', 'delete']) {
      const { implies } = abilities.find(({ name }) => name === coarse);
      const fine = names.filter((name) => name.endsWith(`:${coarse}`));
      expect(fine).not.toEqual([]);
      expect(implies).toEqual(expect.arrayContaining(fine));
    }
  });

  test('are named once, in words of their own, and imply only what is listed', () => {
    const names = abilities.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { title, description, group, implies } of abilities) {
      expect([title, description, group].every((words) => words.trim() !== '')).toBe(true);
      expect(implies.filter((name: string) => !names.includes(name))).toEqual([]);
    }
    expect(names).toEqual(
      expect.arrayContaining([
        'post:create',
        'post:read',
        'post:update',
        'post:delete',
        'user:read',
        'settings:update',
      ]),
    );
    expect(names).not.toContain('*');
  });

  test('say which are for administrators, and which a form ticks at first', async () => {
    const named = (flag: string) => abilities.filter((ability) => ability[flag]).map(({ name }) => name);
    expect(named('adminOnly').sort()).toEqual(['settings:read', 'settings:update']);
    expect(named('isDefault')).toEqual(['read']);
    await server().sql("update api_settings set default_abilities = '{post:read,user:read}'");
    try {
      const again = (await server().asGuest().send('{ abilities { name isDefault } }')).data.abilities;
      const ticked = again.filter(({ isDefault }: any) => isDefault).map(({ name }: any) => name);
      expect(ticked.sort()).toEqual(['post:read', 'user:read']);
    } finally {
      await server().sql("update api_settings set default_abilities = '{read}'");
    }
  });

  test('say which fields they help to unlock', () => {
    const unlocks = (wanted: string): string[] => abilities.find(({ name }) => name === wanted).unlocks;
    expect(unlocks('post:update')).toEqual(['Mutation.updatePost']);
    expect(unlocks('post:read')).toEqual(expect.arrayContaining(['Post.title', 'Query.post', 'Query.posts']));
    expect(unlocks('post:read')).not.toContain('User.name');
    expect(unlocks('read')).toEqual(expect.arrayContaining([...unlocks('post:read'), ...unlocks('user:read')]));
    expect(unlocks('settings:update')).toContain('Mutation.updateApiSettings');
  });
});
