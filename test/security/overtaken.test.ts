import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { apiTokenId } from '../../src/auth/api-token-id.js';
import { Passwords } from '../../src/auth/passwords.js';
import { parseToken } from '../../src/auth/token-text.js';
import { sessionId } from '../../src/sessions/session.entity.js';
import type { User } from '../../src/users/user.entity.js';
import { Cluster } from '../cluster.js';
import { type Answer, type Client, password, publicIdOf, TestServer } from '../helper.js';

const stored = new Passwords().hash(password);

let cluster: Cluster;
let database: string;
let server: TestServer;
let rival: pg.Client;
let owner: User;
let other: User;
let browser: Client;

beforeAll(async () => {
  cluster = await Cluster.start();
  database = await cluster.createDatabase();
  server = await TestServer.start({ DATABASE_URL: database });
  rival = new pg.Client(database);
  await rival.connect();
  await server.api(true);
  other = await server.user();
}, 120_000);
afterAll(async () => {
  await rival?.end();
  await server?.stop();
  cluster?.remove();
});
beforeEach(async () => {
  owner = await server.user();
  browser = await server.withSession(owner);
});

/** Changes rows under a lock, asks, and commits once the request waits for that lock: its rules have seen the rows before. */
async function racing(change: string, values: unknown[], ask: () => Promise<Answer>): Promise<Answer> {
  await rival.query('begin');
  await rival.query(change, values);
  let settled = false;
  const asking = ask().finally(() => {
    settled = true;
  });
  const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while (!settled && (await rival.query(waiting)).rowCount === 0) {
    // Asked again at once, and of connections that were made meanwhile too: the request is on its way to the lock.
    await rival.query('select pg_stat_clear_snapshot()');
  }
  const waited = !settled;
  await rival.query('commit');
  const answer = await asking;
  expect(waited).toBe(true);
  return answer;
}

const made: Record<string, { column: string; make: () => Promise<string>; encode: (id: string) => string }> = {
  posts: {
    column: 'author_id',
    make: async () => (await server.post(owner)).id,
    encode: (id) => publicIdOf.post({ id }),
  },
  api_tokens: {
    column: 'user_id',
    make: async () => {
      await server.actingAs(owner, ['read']);
      return (await server.sql('select id from api_tokens where user_id = $1', [owner.id]))[0]?.id;
    },
    encode: (id) => apiTokenId.encode(id),
  },
  sessions: {
    column: 'user_id',
    make: async () => {
      await server.withSession(owner);
      return (await server.sql('select id from sessions where user_id = $1 order by id desc', [owner.id]))[0]?.id;
    },
    encode: (id) => sessionId.encode(id),
  },
};

const cases = [
  ['deletePost', 'posts', 'deletePost(id: $id)', 'NOT_FOUND'],
  ['updatePost', 'posts', 'updatePost(id: $id, title: "Too late") { id }', 'CONFLICT'],
  ['deleteApiToken', 'api_tokens', 'deleteApiToken(id: $id)', 'NOT_FOUND'],
  ['updateApiToken', 'api_tokens', 'updateApiToken(id: $id, name: "Too late") { id }', 'NOT_FOUND'],
  ['revokeSession', 'sessions', 'revokeSession(id: $id)', 'NOT_FOUND'],
] as const;

describe('Z6: a rule that was right when it was asked', () => {
  test.each(cases)('%s does not touch what is another’s by then', async (_field, table, field, code) => {
    const { column, make, encode } = made[table] as (typeof made)[string];
    const id = await make();
    const counted = table === 'posts' ? ', version = version + 1' : '';
    const answer = await racing(`update ${table} set ${column} = $1${counted} where id = $2`, [other.id, id], () =>
      browser.send(`mutation ($id: ID!) { ${field} }`, { id: encode(id) }),
    );
    expect(answer.codes).toEqual([code]);
    const [row] = await server.sql(`select * from ${table} where id = $1`, [id]);
    expect(row?.[column]).toBe(other.id);
    expect(JSON.stringify(row)).not.toContain('Too late');
  });

  test.each(cases)('%s of what is gone by then is no success', async (_field, table, field, code) => {
    const { make, encode } = made[table] as (typeof made)[string];
    const id = await make();
    const answer = await racing(`delete from ${table} where id = $1`, [id], () =>
      browser.send(`mutation ($id: ID!) { ${field} }`, { id: encode(id) }),
    );
    expect(answer.codes).toEqual([code]);
    expect(await server.sql(`select id from ${table} where id = $1`, [id])).toEqual([]);
  });

  test.each([
    ['demoted', 'is_administrator = false'],
    ['disabled', 'disabled_at = now()'],
  ])('updateUser by an administrator who is %s by then changes nobody', async (_how, change) => {
    const boss = await server.administrator();
    const chair = await server.withSession(boss);
    const answer = await racing(`update users set ${change} where id = $1`, [boss.id], () =>
      chair.send('mutation ($id: ID!) { updateUser(id: $id, administrator: true) { id } }', {
        id: publicIdOf.user(owner),
      }),
    );
    expect(answer.codes).toEqual(['FORBIDDEN']);
    expect(await server.sql('select is_administrator from users where id = $1', [owner.id])).toEqual([
      { is_administrator: false },
    ]);
  });

  test('a post by one whose account goes meanwhile is not written', async () => {
    const answer = await racing('delete from users where id = $1', [owner.id], () =>
      browser.send('mutation { createPost(title: "Too late", body: "") { id } }'),
    );
    expect(answer.codes).toEqual(['CONFLICT']);
    expect(await server.sql(`select id from posts where title = 'Too late'`)).toEqual([]);
  });

  test.each([
    ['whose password is another one', `password_hash = 'another one'`],
    ['that is disabled', 'disabled_at = now()'],
  ])(
    'C4: an account %s by then gives a device no token, and is not deleted, moved or renamed',
    async (_how, change) => {
      const { id, email } = owner;
      const sql = `update users set ${change} where id = $1`;
      const issue = `mutation { issueApiToken(email: "${email}", password: "${password}", deviceName: "Late") { __typename } }`;
      const login = `mutation { login(email: "${email}", password: "${password}") { kind } }`;
      const update = `mutation { updatePassword(currentPassword: "${password}", newPassword: "one that is late") { kind } }`;
      const restore = 'update users set disabled_at = null, password_hash = $2 where id = $1';
      for (const [asker, mutation, action] of [
        [server.asGuest(), issue, 'token.issue'],
        [server.asGuest(), login, 'session.begin'],
        [browser, update, 'user.password'],
      ] as const) {
        await server.sql(restore, [id, await stored]);
        const answer = await racing(sql, [id], () => asker.send(mutation));
        const [code] = answer.codes;
        expect(['UNAUTHENTICATED', 'BAD_USER_INPUT']).toContain(code);
        await server.app.services.refusals.close();
        expect(
          await server.sql(
            `select action, code, owner_id from audit_events where owner_id = $1 and outcome = 'REFUSED'`,
            [id],
          ),
        ).toEqual([{ action, code, owner_id: id }]);
        await server.sql(`delete from audit_events where owner_id = $1`, [id]);
      }
      expect(await server.sql('select id from api_tokens where user_id = $1', [id])).toEqual([]);
      const mutations = [
        `deleteAccount(password: "${password}")`,
        `updateAccount(email: "late@example.com", currentPassword: "${password}")`,
        ...(change.startsWith('disabled') ? ['updateAccount(name: "Too late")'] : []),
      ];
      for (const mutation of mutations) {
        await server.sql(restore, [id, await stored]);
        const answer = await racing(sql, [id], () => browser.send(`mutation { ${mutation} { kind } }`));
        expect([mutation, ...answer.codes]).toEqual([mutation, 'UNAUTHENTICATED']);
      }
      expect(await server.sql('select name, email from users where id = $1', [id])).toEqual([
        { name: owner.name, email },
      ]);
    },
  );
});

describe('A13 the last use', () => {
  test('of a token that is being changed waits for nobody, and that of others is written', async () => {
    const [held, free] = [await server.actingAs(owner, ['read']), await server.actingAs(owner, ['read'])];
    const uuids = [held, free].map(({ token }) => parseToken('lk', token)?.id ?? '');
    await rival.query('begin');
    try {
      await rival.query('select 1 from api_tokens where id = $1 for update', [uuids[0]]);
      await Promise.all([held, free].map((program) => program.send('{ viewer { kind } }')));
      await server.app.services.usage.flush();
      const used = await server.sql('select id from api_tokens where user_id = $1 and last_used_at is not null', [
        owner.id,
      ]);
      expect(used).toEqual([{ id: uuids[1] }]);
    } finally {
      await rival.query('rollback');
    }
    await held.send('{ viewer { kind } }');
    await server.app.services.usage.flush();
    expect(
      await server.sql('select id from api_tokens where user_id = $1 and last_used_at is null', [owner.id]),
    ).toEqual([]);
  });
});

describe('Z6: the settings', () => {
  test('that were changed meanwhile are told of once, and as they were', async () => {
    const chair = await server.withSession(await server.administrator());
    await server.sql('update api_settings set maximum_token_lifetime_days = 10, default_abilities = $1', [['read']]);
    const since = new Date();
    const change = `update api_settings set maximum_token_lifetime_days = 30, default_abilities = '{create}'`;
    const answer = await racing(change, [], () =>
      chair.send(`mutation {
        updateApiSettings(maximumTokenLifetimeDays: 30, defaultAbilities: ["delete"]) { maximumTokenLifetimeDays }
      }`),
    );
    expect(answer.data.updateApiSettings).toEqual({ maximumTokenLifetimeDays: 30 });
    const { data } = await chair.send(
      `query ($since: DateTime) {
        auditEvents(action: SETTINGS_UPDATE, since: $since) { nodes { changes { name before after } } }
      }`,
      { since: since.toISOString() },
    );
    expect(data.auditEvents.nodes).toEqual([
      { changes: [{ name: 'defaultAbilities', before: 'create', after: 'delete' }] },
    ]);
  });
});
