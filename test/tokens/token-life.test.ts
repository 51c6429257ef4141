import 'reflect-metadata';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { effectiveExpiry } from '../../src/auth/api-state.js';
import { apiTokenId } from '../../src/auth/api-token-id.js';
import { parseToken } from '../../src/auth/token-text.js';
import { pruneExpiredTokens } from '../../src/tokens/expiry.js';
import { tokens as tokensModule } from '../../src/tokens/index.js';
import type { User } from '../../src/users/user.entity.js';
import { type Client, password, testServer } from '../helper.js';

const server = testServer();
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

let user: User;
let browser: Client;

beforeAll(async () => {
  await server().api(true);
  user = await server().user();
  browser = await server().withSession(user);
});

function uuidOf(client: Client): string {
  return parseToken('lk', client.token)?.id ?? '';
}

async function kindOf(client: Client): Promise<string | undefined> {
  const answer = await client.send('{ viewer { kind } }');
  return answer.data?.viewer.kind ?? answer.codes[0];
}

async function can(client: Client, ability: string): Promise<boolean> {
  const answer = await client.send('query ($ability: String!) { viewer { tokenCan(ability: $ability) } }', { ability });
  return answer.data.viewer.tokenCan;
}

async function abilitiesOf(client: Client): Promise<string[]> {
  return (await client.send('{ viewer { abilities } }')).data.viewer.abilities;
}

/** Moves the making or the end of a token to a moment, which no client could. */
async function setMoments(client: Client, moments: { createdAt?: Date; expiresAt?: Date }): Promise<void> {
  await server().sql(
    'update api_tokens set created_at = coalesce($2, created_at), expires_at = coalesce($3, expires_at) where id = $1',
    [uuidOf(client), moments.createdAt?.toISOString() ?? null, moments.expiresAt?.toISOString() ?? null],
  );
}

async function limitLifetime(days: number | null): Promise<void> {
  const administrator = await server().withSession(await server().administrator());
  const answer = await administrator.send(
    'mutation ($days: Int) { updateApiSettings(maximumTokenLifetimeDays: $days) { maximumTokenLifetimeDays } }',
    { days },
  );
  expect(answer.data.updateApiSettings.maximumTokenLifetimeDays).toBe(days);
}

describe('what a token can', () => {
  test('a request can be made as a user with the abilities of a token', async () => {
    const program = await server().actingAs(user, ['post:read', 'post:create']);
    const answer = await program.send(
      '{ viewer { kind abilities read: tokenCan(ability: "post:read") change: tokenCan(ability: "post:update") } }',
    );
    expect(answer.data.viewer).toEqual({
      kind: 'TOKEN',
      abilities: ['post:create', 'post:read'],
      read: true,
      change: false,
    });
    const created = await program.send('mutation { createPost(title: "By token", body: "x") { id } }');
    expect(created.errors).toBeUndefined();
    expect(await server().sql("select author_id from posts where title = 'By token'")).toEqual([
      { author_id: user.id },
    ]);
  });

  test('a token can what it was given and cannot anything else', async () => {
    const program = await server().actingAs(user, ['post:read']);
    expect(await can(program, 'post:read')).toBe(true);
    for (const other of [
      'post:update',
      'read',
      'user:read',
      '*',
      '',
      'POST:READ',
      ' post:read',
      'post:rea',
      '__proto__',
    ]) {
      expect(await can(program, other)).toBe(false);
    }
  });

  test('a token with an empty list can nothing', async () => {
    const program = await server().actingAs(user, []);
    expect(await abilitiesOf(program)).toEqual([]);
    expect(await can(program, 'read')).toBe(false);
    expect((await program.send('{ posts { nodes { id } } }')).codes).toEqual(['INSUFFICIENT_ABILITIES']);
  });

  test('a token with the wildcard can everything that its owner may, and nothing more', async () => {
    const program = await server().actingAs(user, ['*']);
    for (const ability of ['create', 'read', 'update', 'delete', 'post:delete', 'user:read']) {
      expect(await can(program, ability)).toBe(true);
    }
    expect(await can(program, 'settings:update')).toBe(false);
    expect(await can(program, 'made:up')).toBe(false);
    const administrator = await server().actingAs(await server().administrator(), ['*']);
    expect(await can(administrator, 'settings:update')).toBe(true);
    expect(await can(administrator, 'made:up')).toBe(false);
  });

  test('a session can everything, whatever it is called', async () => {
    for (const ability of ['post:update', 'settings:update', 'anything at all', '']) {
      expect(await can(browser, ability)).toBe(true);
    }
  });

  test('a guest can nothing', async () => {
    for (const ability of ['read', 'post:read', '*', '']) {
      expect(await can(server().asGuest(), ability)).toBe(false);
    }
  });

  test('an ability that the catalogue no longer has is worth nothing, and the rest goes on', async () => {
    const program = await server().actingAs(user, ['post:read']);
    await server().sql(`update api_tokens set abilities = '{post:read,post:forgotten}' where id = $1`, [
      uuidOf(program),
    ]);
    expect(await abilitiesOf(program)).toEqual(['post:read']);
    expect(await can(program, 'post:forgotten')).toBe(false);
  });

  test('two tokens of one user have abilities of their own', async () => {
    const [reader, writer] = [await server().actingAs(user, ['read']), await server().actingAs(user, ['post:create'])];
    expect(await abilitiesOf(reader)).toEqual(['post:read', 'read', 'user:read']);
    expect(await abilitiesOf(writer)).toEqual(['post:create']);
    const post = 'mutation { createPost(title: "x", body: "y") { __typename } }';
    expect((await reader.send(post)).codes).toEqual(['INSUFFICIENT_ABILITIES']);
  });
});

describe('the owner of a token', () => {
  const settings = 'mutation { updateApiSettings(enabled: true) { enabled } }';
  const shown = '{ apiTokens { nodes { abilities effectiveAbilities } } }';

  test('Z3: who was demoted has a demoted token on its next request, and a promoted one gets it back', async () => {
    const owner = await server().administrator();
    const session = await server().withSession(owner);
    const program = await server().actingAs(owner, ['settings:update', 'post:read']);
    expect((await program.send(settings)).errors).toBeUndefined();

    await server().sql('update users set is_administrator = false where id = $1', [owner.id]);
    expect(await abilitiesOf(program)).toEqual(['post:read']);
    const refused = await program.send(settings);
    expect(refused.codes).toEqual(['INSUFFICIENT_ABILITIES']);
    expect(refused.errors?.[0]?.extensions.missing).toEqual(['settings:update']);
    expect((await session.send(shown)).data.apiTokens.nodes).toEqual([
      { abilities: ['settings:update', 'post:read'], effectiveAbilities: ['post:read'] },
    ]);

    await server().sql('update users set is_administrator = true where id = $1', [owner.id]);
    expect((await program.send(settings)).errors).toBeUndefined();
    expect((await session.send(shown)).data.apiTokens.nodes[0].effectiveAbilities).toEqual([
      'post:read',
      'settings:read',
      'settings:update',
    ]);
  });

  test('who was demoted cannot give the ability again, but may keep and rename the token', async () => {
    const owner = await server().administrator();
    const session = await server().withSession(owner);
    const program = await server().actingAs(owner, ['settings:update']);
    const id = apiTokenId.encode(uuidOf(program));
    await server().sql('update users set is_administrator = false where id = $1', [owner.id]);
    const update = `mutation ($id: ID!, $name: String, $abilities: [String!]) {
      updateApiToken(id: $id, name: $name, abilities: $abilities) { name abilities effectiveAbilities }
    }`;
    expect((await session.send(update, { id, abilities: ['settings:update'] })).codes).toEqual(['BAD_USER_INPUT']);
    expect((await session.send(update, { id, name: 'Kept' })).data.updateApiToken).toEqual({
      name: 'Kept',
      abilities: ['settings:update'],
      effectiveAbilities: [],
    });
  });

  test('who was disabled has a dead token on its next request, and a live one when enabled again', async () => {
    const owner = await server().user();
    const program = await server().actingAs(owner, ['read']);
    expect(await kindOf(program)).toBe('TOKEN');
    await server().sql('update users set disabled_at = now() where id = $1', [owner.id]);
    expect(await kindOf(program)).toBe('UNAUTHENTICATED');
    await server().sql('update users set disabled_at = null where id = $1', [owner.id]);
    expect(await kindOf(program)).toBe('TOKEN');
  });

  test('who deletes the account takes all its tokens along, and no others', async () => {
    const [owner, other] = [await server().user(), await server().user()];
    const session = await server().withSession(owner);
    const programs = [await server().actingAs(owner, ['read']), await server().actingAs(owner, [])];
    const kept = await server().actingAs(other, ['read']);
    const answer = await session.send('mutation ($password: String!) { deleteAccount(password: $password) { kind } }', {
      password,
    });
    expect(answer.data.deleteAccount.kind).toBe('GUEST');
    expect(await server().sql('select 1 from api_tokens where user_id = $1', [owner.id])).toEqual([]);
    expect(await Promise.all(programs.map(kindOf))).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
    expect(await kindOf(kept)).toBe('TOKEN');
  });

  test('who changes the password keeps the tokens', async () => {
    const owner = await server().user();
    const session = await server().withSession(owner);
    const program = await server().actingAs(owner, ['read']);
    const answer = await session.send(
      'mutation ($current: String!) { updatePassword(currentPassword: $current, newPassword: "another good password") { kind } }',
      { current: password },
    );
    expect(answer.errors).toBeUndefined();
    expect(await kindOf(program)).toBe('TOKEN');
  });

  test('who signs out keeps the tokens', async () => {
    const owner = await server().user();
    const session = await server().withSession(owner);
    const program = await server().actingAs(owner, ['read']);
    await session.send('mutation { logout { kind } }');
    expect(await kindOf(session)).toBe('GUEST');
    expect(await kindOf(program)).toBe('TOKEN');
  });
});

describe('A4 the end of a token', () => {
  const shown = 'query ($id: ID!) { node(id: $id) { ... on ApiToken { expiresAt createdAt } } }';

  test('an expired token is refused, an unexpired one is accepted, and so is one without an end', async () => {
    const [expired, unexpired, endless] = [
      await server().actingAs(user, ['read']),
      await server().actingAs(user, ['read'], new Date(Date.now() + dayMs)),
      await server().actingAs(user, ['read']),
    ];
    await setMoments(expired, { expiresAt: new Date(Date.now() - 1_000) });
    expect(await kindOf(expired)).toBe('UNAUTHENTICATED');
    expect(await kindOf(unexpired)).toBe('TOKEN');
    expect(await kindOf(endless)).toBe('TOKEN');
  });

  test('an expired token is still listed, with the end that it had', async () => {
    const owner = await server().user();
    const program = await server().actingAs(owner, ['read']);
    await setMoments(program, { expiresAt: new Date('2020-01-01T00:00:00.000Z') });
    const answer = await (await server().withSession(owner)).send('{ apiTokens { nodes { expiresAt } } }');
    expect(answer.data.apiTokens.nodes).toEqual([{ expiresAt: '2020-01-01T00:00:00.000Z' }]);
  });

  test('a limit in the settings ends tokens that are older, whatever end they had, from the next request on', async () => {
    const createdAt = new Date(Date.now() - 10 * dayMs);
    const [old, dated, young, short] = [
      await server().actingAs(user, ['read']),
      await server().actingAs(user, ['read'], new Date(Date.now() + 1_000 * dayMs)),
      await server().actingAs(user, ['read']),
      await server().actingAs(user, ['read'], new Date(Date.now() + dayMs)),
    ];
    await setMoments(old, { createdAt });
    await setMoments(dated, { createdAt });
    try {
      await limitLifetime(7);
      expect(await Promise.all([old, dated, young, short].map(kindOf))).toEqual([
        'UNAUTHENTICATED',
        'UNAUTHENTICATED',
        'TOKEN',
        'TOKEN',
      ]);
      await limitLifetime(11);
      expect(await Promise.all([old, dated].map(kindOf))).toEqual(['TOKEN', 'TOKEN']);
    } finally {
      await limitLifetime(null);
    }
    expect(await Promise.all([old, dated, young, short].map(kindOf))).toEqual(['TOKEN', 'TOKEN', 'TOKEN', 'TOKEN']);
  });

  test('a limit in the settings shows in the end of every token that would live longer', async () => {
    const near = new Date(Date.now() + dayMs);
    const [endless, far, short] = [
      await server().actingAs(user, []),
      await server().actingAs(user, [], new Date('2099-01-01T00:00:00.000Z')),
      await server().actingAs(user, [], near),
    ];
    const endOf = async (client: Client) =>
      (await browser.send(shown, { id: apiTokenId.encode(uuidOf(client)) })).data.node;
    expect((await endOf(endless)).expiresAt).toBeNull();
    try {
      await limitLifetime(30);
      for (const client of [endless, far]) {
        const { createdAt, expiresAt } = await endOf(client);
        expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(30 * dayMs);
        const own = await client.send('{ viewer { token { expiresAt } } }');
        expect(own.data.viewer.token.expiresAt).toBe(expiresAt);
      }
      expect((await endOf(short)).expiresAt).toBe(near.toISOString());
    } finally {
      await limitLifetime(null);
    }
    expect((await endOf(endless)).expiresAt).toBeNull();
    expect((await endOf(far)).expiresAt).toBe('2099-01-01T00:00:00.000Z');
  });

  test('is never later than its own or than that of the settings, and always one of the two', () => {
    const moments = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(
        moments,
        fc.option(moments),
        fc.option(fc.integer({ min: 1, max: 36_500 })),
        (createdAt, expiresAt, days) => {
          const end = effectiveExpiry(createdAt, expiresAt, {
            enabled: true,
            defaultAbilities: [],
            maximumTokenLifetimeDays: days,
          });
          const candidates = [
            ...(expiresAt === null ? [] : [expiresAt.getTime()]),
            ...(days === null ? [] : [createdAt.getTime() + days * dayMs]),
          ];
          expect(end?.getTime() ?? null).toBe(candidates.length === 0 ? null : Math.min(...candidates));
        },
      ),
    );
  });
});

describe('pruning', () => {
  const now = new Date('2035-06-07T08:09:10.123Z');
  const ago = (ms: number) => new Date(now.getTime() - ms);
  let owner: User;

  /** A token that was made long ago and ended so many milliseconds before `now`; null for one without an end. */
  async function ended(msAgo: number | null, createdAt = new Date('2020-01-01T00:00:00Z')): Promise<Client> {
    const client = await server().actingAs(owner, []);
    await setMoments(client, { createdAt, ...(msAgo === null ? {} : { expiresAt: ago(msAgo) }) });
    return client;
  }

  async function left(): Promise<Set<string>> {
    const rows = await server().sql('select id from api_tokens where user_id = $1', [owner.id]);
    return new Set(rows.map(({ id }) => id));
  }

  beforeAll(async () => {
    await server().sql('delete from api_tokens');
    owner = await server().user();
  });

  test('deletes the tokens that have been expired for longer than so many hours, and only those', async () => {
    const gone = [await ended(24 * hourMs + 1), await ended(1_000 * dayMs)];
    const kept = [
      await ended(24 * hourMs),
      await ended(hourMs),
      await ended(0),
      await ended(-dayMs),
      await ended(null),
    ];
    expect(await pruneExpiredTokens(server().em, now, 24)).toBe(gone.length);
    expect(await left()).toEqual(new Set(kept.map(uuidOf)));
  });

  test('finds nothing the second time', async () => {
    expect(await pruneExpiredTokens(server().em, now, 24)).toBe(0);
  });

  test('with no hours deletes whatever is expired', async () => {
    await server().sql('delete from api_tokens');
    await ended(1);
    const kept = [await ended(0), await ended(-1), await ended(null)];
    expect(await pruneExpiredTokens(server().em, now, 0)).toBe(1);
    expect(await left()).toEqual(new Set(kept.map(uuidOf)));
  });

  test('counts the end that the settings give, whichever comes first', async () => {
    await server().sql('delete from api_tokens');
    await limitLifetime(30);
    try {
      await ended(null, ago(31 * dayMs + 1));
      await ended(-1_000 * dayMs, ago(31 * dayMs + 1));
      await ended(25 * hourMs, ago(hourMs));
      const kept = [
        await ended(null, ago(31 * dayMs)),
        await ended(null, ago(30 * dayMs)),
        await ended(-dayMs, ago(dayMs)),
      ];
      expect(await pruneExpiredTokens(server().em, now, 24)).toBe(3);
      expect(await left()).toEqual(new Set(kept.map(uuidOf)));
    } finally {
      await limitLifetime(null);
    }
  });

  test('does not touch tokens that only an earlier limit had ended', async () => {
    await server().sql('delete from api_tokens');
    await ended(null);
    expect(await pruneExpiredTokens(server().em, now, 0)).toBe(0);
  });

  test('is done daily by the server, a day after the end', async () => {
    await server().sql('delete from api_tokens');
    await ended(24 * hourMs + 1);
    const kept = await ended(24 * hourMs);
    expect(await tokensModule.prune?.(server().em, now)).toBe(1);
    expect(await left()).toEqual(new Set([uuidOf(kept)]));
  });

  test('goes on while the API is off', async () => {
    await server().sql('delete from api_tokens');
    await ended(25 * hourMs);
    await server().api(false);
    try {
      expect(await pruneExpiredTokens(server().em, now, 24)).toBe(1);
    } finally {
      await server().api(true);
    }
  });
});
