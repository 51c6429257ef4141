import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sessionId } from '../../src/sessions/session.entity.js';
import type { User } from '../../src/users/user.entity.js';
import { type Answer, type Client, testServer } from '../helper.js';

const idleMinutes = 30;
const lifetimeHours = 12;
const server = testServer({ SESSION_IDLE_MINUTES: String(idleMinutes), SESSION_LIFETIME_HOURS: String(lifetimeHours) });

const impatient = testServer({ SESSION_IDLE_MINUTES: '1' });

const sessions = '{ sessions { id isCurrent ip userAgent createdAt lastActiveAt expiresAt } }';
const revokeSession = 'mutation ($id: ID!) { revokeSession(id: $id) }';
const revokeOtherSessions = 'mutation { revokeOtherSessions }';
const kind = '{ viewer { kind } }';

const kindOf = async (client: Client) => (await client.send(kind)).data.viewer.kind;
const withCookie = (cookie: string) => server().asGuest().send(kind, {}, { cookie });
const rowsOf = ({ id }: User) => server().sql('select * from sessions where user_id = $1 order by id desc', [id]);
const publicId = (row: Record<string, any> | undefined) => sessionId.encode(row?.id);
const refused = ({ codes, status }: Answer) => [codes, status];

let user: User;
let browser: Client;

beforeAll(() => server().api(true));
beforeEach(async () => {
  user = await server().user();
  browser = await server().withSession(user);
});

describe('sessions', () => {
  test('lists one’s own, the latest first, and says which one asks', async () => {
    const phone = await server().withSession(user);
    await server().withSession(await server().user());
    const answer = await phone.send(sessions);
    const rows = await rowsOf(user);
    expect(answer.data.sessions.map((session: any) => [session.id, session.isCurrent])).toEqual([
      [publicId(rows[0]), true],
      [publicId(rows[1]), false],
    ]);
    const [session] = answer.data.sessions;
    expect(session).toMatchObject({ ip: '127.0.0.1', userAgent: 'test' });
    expect(Date.parse(session.expiresAt) - Date.parse(session.createdAt)).toBe(lifetimeHours * 3_600_000);
    expect(session.lastActiveAt).toBe(session.createdAt);
    expect((await browser.send(sessions)).data.sessions.map((each: any) => each.isCurrent)).toEqual([false, true]);
  });

  test('leaves out those that are over, though their rows are still there', async () => {
    await server().withSession(user);
    await server().withSession(user);
    const [idle, old] = await rowsOf(user);
    await server().sql('update sessions set last_active_at = $2 where id = $1', [
      idle?.id,
      new Date(Date.now() - idleMinutes * 60_000).toISOString(),
    ]);
    await server().sql('update sessions set expires_at = $2 where id = $1', [old?.id, new Date().toISOString()]);
    expect((await browser.send(sessions)).data.sessions).toHaveLength(1);
    expect(await rowsOf(user)).toHaveLength(3);
  });

  test('lists the latest hundred, however many sign-ins there were', async () => {
    await server().sql(
      `insert into sessions select (jsonb_populate_record(null::sessions, to_jsonb(s) || jsonb_build_object('id', gen_random_uuid(), 'secret_hash', gen_random_uuid()))).*
       from sessions s, generate_series(1, 150) where s.user_id = $1`,
      [user.id],
    );
    const listed = (await browser.send(sessions)).data.sessions;
    const rows = await rowsOf(user);
    expect(rows).toHaveLength(151);
    expect(listed.map(({ id }: { id: string }) => id)).toEqual(rows.slice(0, 100).map(publicId));
    expect((await browser.send(revokeOtherSessions)).data.revokeOtherSessions).toBe(150);
  });

  test('never show what the cookie holds', async () => {
    const answer = await browser.send(sessions);
    expect(answer.text).not.toContain(browser.cookie.replace('latchkey=', ''));
  });

  test('are also found by their id, by their own user only', async () => {
    const [row] = await rowsOf(user);
    const node = 'query ($id: ID!) { node(id: $id) { id ... on Session { isCurrent } } }';
    expect((await browser.send(node, { id: publicId(row) })).data.node).toEqual({
      id: publicId(row),
      isCurrent: true,
    });
    const stranger = await server().withSession(await server().user());
    expect((await stranger.send(node, { id: publicId(row) })).codes).toEqual(['NOT_FOUND']);
    const administrator = await server().withSession(await server().administrator());
    expect((await administrator.send(node, { id: publicId(row) })).codes).toEqual(['NOT_FOUND']);
    const program = await server().actingAs(user, ['*']);
    expect((await program.send(node, { id: publicId(row) })).codes).toEqual(['SESSION_REQUIRED']);
  });
});

describe('revokeSession', () => {
  test('ends another session of one’s own at once', async () => {
    const lost = await server().withSession(user);
    const [row] = await rowsOf(user);
    const answer = await browser.send(revokeSession, { id: publicId(row) });
    expect(answer.data).toEqual({ revokeSession: publicId(row) });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await kindOf(lost)).toBe('GUEST');
    expect(await kindOf(browser)).toBe('SESSION');
  });

  test('of the one that asks is a logout', async () => {
    const before = browser.cookie;
    const [row] = await rowsOf(user);
    const answer = await browser.send(`mutation ($id: ID!) { revokeSession(id: $id) revokeOtherSessions }`, {
      id: publicId(row),
    });
    expect(answer.codes).toEqual(['UNAUTHENTICATED']);
    expect(browser.cookie).toBe('');
    expect((await withCookie(before)).data.viewer.kind).toBe('GUEST');
    expect(await rowsOf(user)).toEqual([]);
  });

  test('Z4: knows nothing of another user’s session, byte for byte as of one that does not exist', async () => {
    const other = await server().user();
    const theirs = await server().withSession(other);
    const [row] = await rowsOf(other);
    const hidden = await browser.send(revokeSession, { id: publicId(row) });
    const missing = await browser.send(revokeSession, { id: 'session_01h455vb4pex5vsknk084sn02q' });
    expect(hidden.codes).toEqual(['NOT_FOUND']);
    expect(hidden.status).toBe(missing.status);
    expect(hidden.text).toBe(missing.text);
    const administrator = await server().withSession(await server().administrator());
    expect((await administrator.send(revokeSession, { id: publicId(row) })).text).toBe(missing.text);
    expect(await kindOf(theirs)).toBe('SESSION');
  });

  test.each(['', '1', 'session_', 'user_01h455vb4pex5vsknk084sn02q', "session_' or 1=1 --", 'session_\0'])(
    'refuses the ill-formed id %j',
    async (id) => {
      const answer = await browser.send(revokeSession, { id });
      expect(answer.codes).toEqual(['BAD_USER_INPUT']);
      expect(answer.errors?.[0]?.extensions.fields).toEqual({ id: ['must be the id of a session.'] });
      expect(await kindOf(browser)).toBe('SESSION');
    },
  );

  test('ends a session once, however many ask at the same time', async () => {
    const lost = await server().withSession(user);
    const [row] = await rowsOf(user);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => browser.send(revokeSession, { id: publicId(row) })),
    );
    const outcomes = answers.map((answer) => answer.codes[0] ?? 'ended').sort();
    expect(outcomes).toEqual([...Array(5).fill('NOT_FOUND'), 'ended']);
    expect(await kindOf(lost)).toBe('GUEST');
  });
});

describe('revokeOtherSessions', () => {
  test('X11 does not count browsers that were signed out by time, and removes what is left of them', async () => {
    await Promise.all([server().withSession(user), server().withSession(user), server().withSession(user)]);
    const [idle, old] = await rowsOf(user);
    await server().sql(`update sessions set last_active_at = now() - interval '${idleMinutes} minutes' where id = $1`, [
      idle?.id,
    ]);
    await server().sql('update sessions set expires_at = now() where id = $1', [old?.id]);
    expect((await browser.send(revokeOtherSessions)).data).toEqual({ revokeOtherSessions: 1 });
    expect(await rowsOf(user)).toHaveLength(1);
  });

  test('ends all of one’s own but the one that asks, and says how many', async () => {
    const others = [await server().withSession(user), await server().withSession(user)];
    const stranger = await server().withSession(await server().user());
    const program = await server().actingAs(user, ['read']);
    expect((await browser.send(revokeOtherSessions)).data).toEqual({ revokeOtherSessions: 2 });
    for (const other of others) {
      expect(await kindOf(other)).toBe('GUEST');
    }
    expect(await kindOf(browser)).toBe('SESSION');
    expect(await kindOf(stranger)).toBe('SESSION');
    expect(await kindOf(program)).toBe('TOKEN');
    expect((await browser.send(revokeOtherSessions)).data).toEqual({ revokeOtherSessions: 0 });
  });
});

describe('whoever has no session', () => {
  test.each([
    ['sessions', sessions],
    ['revokeSession', 'mutation { revokeSession(id: "session_01h455vb4pex5vsknk084sn02q") }'],
    ['revokeOtherSessions', revokeOtherSessions],
  ])('gets nothing of %s', async (_field, document) => {
    const program = await server().actingAs(user, ['*']);
    const administrator = await server().actingAs(await server().administrator(), ['*']);
    const before = await server().contents();
    expect(refused(await server().asGuest().send(document))).toEqual([['UNAUTHENTICATED'], 401]);
    expect(refused(await program.send(document))).toEqual([['SESSION_REQUIRED'], 403]);
    expect(refused(await administrator.send(document))).toEqual([['SESSION_REQUIRED'], 403]);
    expect(await server().contents()).toEqual(before);
  });
});

describe('C5 a session', () => {
  const store = () => server().app.services.sessions;
  const facts = () => ({
    id: '',
    ip: '127.0.0.1',
    userAgent: null,
    authorization: [],
    sessionSecret: browser.cookie.replace('latchkey=', ''),
    runAs: [],
    strayToken: false,
    trustedOrigin: true,
  });
  const aliveAt = async (moment: number) => (await store().strategy(facts(), new Date(moment))) !== null;
  const move = async (column: 'last_active_at' | 'expires_at', moment: number) => {
    // What earlier requests noted must not be written over it later.
    await server().app.services.usage.flush();
    await server().sql(`update sessions set ${column} = $2 where user_id = $1`, [
      user.id,
      new Date(moment).toISOString(),
    ]);
  };

  test('ends when nobody has used it for as long as it may be idle, and not a millisecond sooner', async () => {
    const last = Date.now();
    await move('last_active_at', last);
    expect(await aliveAt(last + idleMinutes * 60_000 - 1)).toBe(true);
    await move('last_active_at', last);
    expect(await aliveAt(last + idleMinutes * 60_000)).toBe(false);
  });

  test('ends at its absolute limit, however busy it is', async () => {
    const end = Date.now() + 60_000;
    await move('expires_at', end);
    expect(await aliveAt(end - 1)).toBe(true);
    expect(await aliveAt(end)).toBe(false);
  });

  test('that was idle too long is a guest’s, and stays it', async () => {
    await move('last_active_at', Date.now() - idleMinutes * 60_000);
    expect(await kindOf(browser)).toBe('GUEST');
    expect(await kindOf(browser)).toBe('GUEST');
    expect((await browser.send(sessions)).codes).toEqual(['UNAUTHENTICATED']);
  });

  test('past its absolute limit is a guest’s', async () => {
    await move('expires_at', Date.now() - 1);
    expect(await kindOf(browser)).toBe('GUEST');
  });

  test('that may be idle for one minute only goes on while it is used', async () => {
    const { sessions: store, usage } = impatient().app.services;
    const session = await impatient().withSession(await impatient().user());
    const used = { ...facts(), sessionSecret: session.cookie.replace('latchkey=', '') };
    const begun = Date.now();
    for (let second = 20; second <= 200; second += 20) {
      expect([second, await store.strategy(used, new Date(begun + second * 1_000))]).not.toEqual([second, null]);
      await usage.flush();
    }
    expect(await store.strategy(used, new Date(begun + 261_000))).toBeNull();
  });

  test('notes its use once a minute, which moves the idle limit and not the absolute one', async () => {
    const { usage } = server().app.services;
    const [before] = await rowsOf(user);
    const recently = Date.now() - 30_000;
    await move('last_active_at', recently);
    await kindOf(browser);
    await usage.flush();
    const [untouched] = await rowsOf(user);
    expect(new Date(untouched?.last_active_at).getTime()).toBe(recently);
    const longAgo = Date.now() - 61_000;
    await move('last_active_at', longAgo);
    await kindOf(browser);
    await usage.flush();
    const [touched] = await rowsOf(user);
    expect(new Date(touched?.last_active_at).getTime()).toBeGreaterThan(longAgo + 60_000);
    expect(touched?.expires_at).toEqual(before?.expires_at);
  });

  test('of an account that is disabled is a guest’s at once, and so for its tokens', async () => {
    const program = await server().actingAs(user, ['read']);
    await server().sql('update users set disabled_at = now() where id = $1', [user.id]);
    expect(await kindOf(browser)).toBe('GUEST');
    expect((await program.send(kind)).codes).toEqual(['UNAUTHENTICATED']);
  });

  test('of an account that is deleted is a guest’s at once', async () => {
    await server().sql('delete from users where id = $1', [user.id]);
    expect(await kindOf(browser)).toBe('GUEST');
    expect(await rowsOf(user)).toEqual([]);
  });

  test('Z3: loses its administrator’s powers with the account', async () => {
    const administrator = await server().administrator();
    const client = await server().withSession(administrator);
    const settings = '{ apiSettings { defaultAbilities } }';
    expect((await client.send(settings)).errors).toBeUndefined();
    await server().sql('update users set is_administrator = false where id = $1', [administrator.id]);
    expect((await client.send(settings)).codes).toEqual(['FORBIDDEN']);
  });

  test('is deleted for good once it is over, by the daily pruning', async () => {
    await server().withSession(user);
    const [kept, over] = await rowsOf(user);
    await server().sql('update sessions set expires_at = $2 where id = $1', [over?.id, new Date().toISOString()]);
    expect(await store().prune(new Date())).toBeGreaterThanOrEqual(1);
    expect((await rowsOf(user)).map((row) => row.id)).toEqual([kept?.id]);
  });
});
