import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { password, testServer } from '../helper.js';

const server = testServer({ TRUST_PROXY: '127.0.0.1', LOGIN_ATTEMPTS_PER_ADDRESS: '100000' });
const login = 'mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { kind } }';

/** Signs in through a proxy that hands this on, and returns the address that the new session has. */
async function addressBehind(forwarded: string): Promise<string> {
  const user = await server().user();
  const answer = await server()
    .asGuest()
    .send(login, { email: user.email, password }, { 'x-forwarded-for': forwarded });
  expect(answer.errors).toBeUndefined();
  const [row] = await server().sql('select ip from sessions where user_id = $1', [user.id]);
  return row?.ip;
}

describe('A6 the address that a proxy hands on', () => {
  test.each([
    ['203.0.113.9', '203.0.113.9'],
    ['198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['2001:db8::9', '2001:db8::9'],
    ['::ffff:203.0.113.9', '::ffff:203.0.113.9'],
    ['203.0.113.9:51234', '203.0.113.9'],
    ['[2001:db8::9]:51234', '2001:db8::9'],
    ['[2001:db8::9]', '2001:db8::9'],
    [`fe80::9%${'z'.repeat(200)}`, 'fe80::9'],
    ['', '127.0.0.1'],
    ['unknown', '127.0.0.1'],
    ['_hidden', '127.0.0.1'],
    ['x'.repeat(5_000), '127.0.0.1'],
    ["' or 1=1 --", '127.0.0.1'],
    ['203.0.113.999', '127.0.0.1'],
    ['203.0.113.9:51234:1', '127.0.0.1'],
  ])('%j is %s', async (forwarded, address) => {
    expect(await addressBehind(forwarded)).toBe(address);
  });

  test('is never anything but an address, and stops nobody', async () => {
    const text = fc.string({ maxLength: 200 }).map((each) => each.replace(/[^\x20-\x7e]/g, ''));
    await fc.assert(
      fc.asyncProperty(text, async (forwarded) => {
        const client = await server().withSession(await server().user());
        const answer = await client.send('{ viewer { kind } }', {}, { 'x-forwarded-for': forwarded });
        expect(answer.data.viewer.kind).toBe('SESSION');
      }),
      { numRuns: 30 },
    );
    await server().app.services.usage.flush();
    const rows = await server().sql("select ip from sessions where ip !~ '^[0-9a-f:.]+$'");
    expect(rows).toEqual([]);
  });
});
