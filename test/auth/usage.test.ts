import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseToken } from '../../src/auth/token-text.js';
import { UsageRecorder } from '../../src/auth/usage.js';
import type { User } from '../../src/users/user.entity.js';
import { type Client, testServer } from '../helper.js';

const server = testServer();
const viewer = '{ viewer { kind } }';
const apiTokens = '{ apiTokens { nodes { lastUsedAt lastUsedIp } } }';

let user: User;
let program: Client;

beforeAll(async () => {
  await server().api(true);
  user = await server().user();
});

function uuidOf(client: Client): string {
  return parseToken('lk', client.token)?.id ?? '';
}

/** When and from where the row says that a token was last used, after everything pending was written. */
async function lastUse(client: Client): Promise<{ at: Date | null; ip: string | null }> {
  await server().app.services.usage.flush();
  const [row] = await server().sql(
    'select (extract(epoch from last_used_at) * 1000)::float8 as at, last_used_ip as ip from api_tokens where id = $1',
    [uuidOf(client)],
  );
  return { at: row?.at === null ? null : new Date(row?.at), ip: row?.ip };
}

async function setLastUse(client: Client, secondsAgo: number): Promise<Date> {
  const at = new Date(Date.now() - secondsAgo * 1000);
  await server().sql(`update api_tokens set last_used_at = $2, last_used_ip = 'before' where id = $1`, [
    uuidOf(client),
    at.toISOString(),
  ]);
  return at;
}

describe('A13 the last use of a token', () => {
  beforeAll(async () => {
    program = await server().actingAs(user, ['read']);
  });

  test('is empty until it is used', async () => {
    expect(await lastUse(program)).toEqual({ at: null, ip: null });
  });

  test('is written with the time and the address of the request, and shown in the list', async () => {
    const owner = await server().user();
    const browser = await server().withSession(owner);
    const token = await server().actingAs(owner, ['read']);
    expect((await browser.send(apiTokens)).data.apiTokens.nodes).toEqual([{ lastUsedAt: null, lastUsedIp: null }]);
    const before = Date.now();
    await token.send(viewer);
    const after = Date.now();
    const [shown] = (await browser.send(apiTokens)).data.apiTokens.nodes;
    expect(Date.parse(shown.lastUsedAt)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(shown.lastUsedAt)).toBeLessThanOrEqual(after);
    expect(shown.lastUsedIp).toBe('127.0.0.1');
    expect(await lastUse(token)).toEqual({ at: new Date(shown.lastUsedAt), ip: '127.0.0.1' });
  });

  test('is not written again within a minute', async () => {
    const at = await setLastUse(program, 30);
    await Promise.all(Array.from({ length: 5 }, () => program.send(viewer)));
    expect(await lastUse(program)).toEqual({ at, ip: 'before' });
  });

  test('is written again after a minute', async () => {
    const at = await setLastUse(program, 61);
    await program.send(viewer);
    const use = await lastUse(program);
    expect(use.at?.getTime()).toBeGreaterThan(at.getTime());
    expect(use.ip).toBe('127.0.0.1');
  });

  test('is not written for a request that was refused for its bearer', async () => {
    const at = await setLastUse(program, 3600);
    await server().withToken(program.token.slice(0, -1)).send(viewer);
    await server().api(false);
    expect((await program.send(viewer)).codes).toEqual(['API_DISABLED']);
    await server().api(true);
    expect(await lastUse(program)).toEqual({ at, ip: 'before' });
  });

  test('is written for a request that was refused for an ability', async () => {
    const at = await setLastUse(program, 3600);
    expect((await program.send('mutation { createPost(title: "x", body: "y") { id } }')).codes).toEqual([
      'INSUFFICIENT_ABILITIES',
    ]);
    expect((await lastUse(program)).at?.getTime()).toBeGreaterThan(at.getTime());
  });

  test('that cannot be written fails no request, and is written when the next one comes', async () => {
    const token = await server().actingAs(user, ['read']);
    await server().sql('alter table api_tokens rename column last_used_ip to last_used_ip_away');
    try {
      expect((await token.send(viewer)).data.viewer.kind).toBe('TOKEN');
      await server().app.services.usage.flush();
      expect((await token.send(viewer)).data.viewer.kind).toBe('TOKEN');
    } finally {
      await server().app.services.usage.flush();
      await server().sql('alter table api_tokens rename column last_used_ip_away to last_used_ip');
    }
    expect((await lastUse(token)).at).toBeNull();
    await token.send(viewer);
    expect((await lastUse(token)).at).not.toBeNull();
  });

  test('of a token that was revoked meanwhile is written nowhere and fails nothing', async () => {
    const token = await server().actingAs(user, ['read']);
    const other = await server().actingAs(user, ['read']);
    await token.send(viewer);
    await other.send(viewer);
    await server().sql('delete from api_tokens where id = $1', [uuidOf(token)]);
    expect((await lastUse(other)).at).not.toBeNull();
    expect(await server().sql('select 1 from api_tokens where id = $1', [uuidOf(token)])).toEqual([]);
  });
});

describe('A13 the recorder of uses', () => {
  const noon = new Date('2031-01-01T12:00:00.000Z');
  const later = (ms: number) => new Date(noon.getTime() + ms);

  function recorder(): { recorder: UsageRecorder; errors: unknown[] } {
    const errors: unknown[] = [];
    return { recorder: new UsageRecorder(server().app.services.em, (error) => errors.push(error)), errors };
  }

  test('writes the first use, then none before a minute has passed', async () => {
    const token = await server().actingAs(user, []);
    const { recorder: uses, errors } = recorder();
    uses.token(uuidOf(token), null, { at: noon, ip: '192.0.2.1' });
    await uses.flush();
    uses.token(uuidOf(token), noon, { at: later(59_999), ip: '192.0.2.2' });
    await uses.flush();
    expect(await lastUse(token)).toEqual({ at: noon, ip: '192.0.2.1' });
    uses.token(uuidOf(token), noon, { at: later(60_000), ip: '192.0.2.3' });
    await uses.flush();
    expect(await lastUse(token)).toEqual({ at: later(60_000), ip: '192.0.2.3' });
    expect(errors).toEqual([]);
  });

  test('writes once a minute also for requests that had read the row before the first write', async () => {
    const token = await server().actingAs(user, []);
    const { recorder: one } = recorder();
    const { recorder: another } = recorder();
    one.token(uuidOf(token), null, { at: noon, ip: '192.0.2.1' });
    await one.flush();
    one.token(uuidOf(token), null, { at: later(300), ip: '192.0.2.2' });
    await one.flush();
    another.token(uuidOf(token), null, { at: later(59_999), ip: '192.0.2.3' });
    await another.flush();
    expect(await lastUse(token)).toEqual({ at: noon, ip: '192.0.2.1' });
  });

  test('never sets the clock back', async () => {
    const token = await server().actingAs(user, []);
    const { recorder: uses } = recorder();
    uses.token(uuidOf(token), null, { at: noon, ip: '192.0.2.1' });
    await uses.flush();
    uses.token(uuidOf(token), null, { at: later(-3_600_000), ip: '192.0.2.2' });
    await uses.flush();
    expect(await lastUse(token)).toEqual({ at: noon, ip: '192.0.2.1' });
  });

  test('writes many tokens in one go', async () => {
    const tokens = await Promise.all(Array.from({ length: 10 }, () => server().actingAs(user, [])));
    const { recorder: uses } = recorder();
    for (const [index, token] of tokens.entries()) {
      uses.token(uuidOf(token), null, { at: later(index), ip: `192.0.2.${index}` });
    }
    await uses.flush();
    const written = await Promise.all(tokens.map(lastUse));
    expect(written).toEqual(tokens.map((_, index) => ({ at: later(index), ip: `192.0.2.${index}` })));
  });

  test('reports a write that failed, throws nothing, and goes on', async () => {
    const token = await server().actingAs(user, []);
    const { recorder: uses, errors } = recorder();
    uses.token('not a uuid', null, { at: noon, ip: '192.0.2.1' });
    await uses.flush();
    expect(errors).toHaveLength(1);
    uses.token(uuidOf(token), null, { at: noon, ip: '192.0.2.1' });
    await uses.flush();
    expect(errors).toHaveLength(1);
    expect((await lastUse(token)).at).toEqual(noon);
  });
});
