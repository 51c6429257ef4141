import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, testServer } from '../helper.js';

const server = testServer();

type Presented = 'none' | 'good' | 'bad';
type Outcome = 'GUEST' | 'SESSION' | 'TOKEN' | 'UNAUTHENTICATED';

/** A cookie, a bearer, who that is, and what of it may list the sessions, which no token may. */
const combinations: [Presented, Presented, Outcome, string | null][] = [
  ['none', 'none', 'GUEST', 'UNAUTHENTICATED'],
  ['none', 'good', 'TOKEN', 'SESSION_REQUIRED'],
  ['none', 'bad', 'UNAUTHENTICATED', 'UNAUTHENTICATED'],
  ['good', 'none', 'SESSION', null],
  ['good', 'good', 'TOKEN', 'SESSION_REQUIRED'],
  ['good', 'bad', 'UNAUTHENTICATED', 'UNAUTHENTICATED'],
  ['bad', 'none', 'GUEST', 'UNAUTHENTICATED'],
  ['bad', 'good', 'TOKEN', 'SESSION_REQUIRED'],
  ['bad', 'bad', 'UNAUTHENTICATED', 'UNAUTHENTICATED'],
];

/** What only a first-party session may do, and what would change if it were done. */
const sessionOnly = [
  'mutation { createApiToken(name: "Minted", abilities: ["*"]) { plainTextToken } }',
  'mutation { updateApiToken(id: "token_01h455vb4pex5vsknk084sn02q", name: "Renamed") { id } }',
  'mutation { deleteApiToken(id: "token_01h455vb4pex5vsknk084sn02q") }',
  'mutation { updatePassword(currentPassword: "a", newPassword: "a new and longer one") { kind } }',
  'mutation { updateAccount(name: "Renamed") { kind } }',
  'mutation { deleteAccount(password: "a") { kind } }',
  'mutation { revokeOtherSessions }',
  'mutation { logout { kind } }',
];

const cookies: Record<Presented, string> = { none: '', good: '', bad: `latchkey=${'A'.repeat(43)}` };
const bearers: Record<Presented, string> = { none: '', good: '', bad: 'lk_nothing' };

beforeAll(async () => {
  await server().api(true);
  // Of an administrator, who may everything, so that nothing but the credential decides.
  const root = await server().administrator();
  cookies.good = (await server().withSession(root)).cookie;
  bearers.good = (await server().actingAs(root, ['*'])).token;
});

function send(document: string, cookie: Presented, bearer: Presented, headers: Record<string, string> = {}) {
  return server()
    .asGuest()
    .send(
      document,
      {},
      {
        ...(cookie === 'none' ? {} : { cookie: cookies[cookie] }),
        ...(bearer === 'none' ? {} : { authorization: `Bearer ${bearers[bearer]}` }),
        ...headers,
      },
    );
}

const who = ({ data, codes }: Answer): string => data?.viewer?.kind ?? codes[0];

describe.each(combinations)('C9 with a cookie (%s) and a bearer (%s)', (cookie, bearer, outcome, refusal) => {
  test(`the request is ${outcome}: a bearer always wins, and a bad one never falls back`, async () => {
    const answer = await send('{ viewer { kind } }', cookie, bearer);
    expect(who(answer)).toBe(outcome);
    expect(answer.status).toBe(outcome === 'UNAUTHENTICATED' ? 401 : 200);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect((await send('{ sessions { id } }', cookie, bearer)).codes).toEqual(refusal === null ? [] : [refusal]);
  });

  test('the origin is asked for exactly when the cookie counts', async () => {
    const forged = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    const answer = await send('{ viewer { kind } }', cookie, bearer, forged);
    expect(who(answer)).toBe(cookie !== 'none' && bearer === 'none' ? 'CSRF_REFUSED' : outcome);
  });

  if (refusal !== null) {
    test.each(sessionOnly)('%s is refused and changes nothing', async (document) => {
      const before = await server().contents();
      expect((await send(document, cookie, bearer)).codes).toEqual([refusal]);
      expect(await server().contents()).toEqual(before);
    });
  }
});
