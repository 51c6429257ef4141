import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Answer, password } from '../helper.js';
import { type Asker, Pair } from './pair.js';

let pair: Pair;

beforeAll(async () => {
  pair = await Pair.start();
}, 120_000);

afterAll(() => pair?.stop());

beforeEach(async () => {
  await pair.reset();
  await pair.sql('update api_settings set enabled = true');
});

/** The same request ten times at once, half of them at each process; the outcomes, sorted. */
async function tenTimes(asker: Asker, document: string, variables: Record<string, unknown>): Promise<string[]> {
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => pair.ask(index % 2, asker, document, variables)),
  );
  return answers.map(({ codes }) => codes[0] ?? 'done').sort();
}

const once = (code: string) => [...Array.from({ length: 9 }, () => code), 'done'];

describe('X4 ten registrations of one e-mail at two processes', () => {
  test('make one account, and nine are a conflict', async () => {
    const register =
      'mutation ($email: String!, $password: String!) { register(name: "N", email: $email, password: $password) { kind } }';
    for (const round of [1, 2, 3]) {
      const email = `twin-${round}@example.com`;
      expect(await tenTimes({}, register, { email, password })).toEqual(once('CONFLICT'));
      expect(await pair.sql('select 1 from users where email = $1', [email])).toHaveLength(1);
    }
  }, 60_000);
});

describe('X5 ten deletions of one record at two processes', () => {
  const rounds = [1, 2, 3, 4, 5];
  let browser: Asker;
  let account: string;

  beforeEach(async () => {
    account = await pair.account('root@example.com', true);
    browser = await pair.session(account);
  });

  test.each(['deleteApiToken', 'revokeApiToken'])('%s: one deletes it, nine do not find it', async (field) => {
    for (const _ of rounds) {
      const { data } = await pair.ask(
        0,
        browser,
        'mutation { createApiToken(name: "T", abilities: []) { apiToken { id } } }',
      );
      const { id } = data.createApiToken.apiToken;
      expect(await tenTimes(browser, `mutation ($id: ID!) { ${field}(id: $id) }`, { id })).toEqual(once('NOT_FOUND'));
    }
    expect(await pair.sql('select 1 from api_tokens')).toEqual([]);
  });

  test('deletePost: one deletes it, nine do not find it', async () => {
    for (const _ of rounds) {
      const { data } = await pair.ask(1, browser, 'mutation { createPost(title: "T", body: "") { id } }');
      const { id } = data.createPost;
      expect(await tenTimes(browser, 'mutation ($id: ID!) { deletePost(id: $id) }', { id })).toEqual(once('NOT_FOUND'));
    }
    expect(await pair.sql('select 1 from posts')).toEqual([]);
  });

  test('revokeSession: one ends it, nine do not find it', async () => {
    for (const _ of rounds) {
      const other = await pair.session(account);
      const { data } = await pair.ask(0, other, '{ sessions { id isCurrent } }');
      const { id } = data.sessions.find((session: { isCurrent: boolean }) => session.isCurrent);
      expect(await tenTimes(browser, 'mutation ($id: ID!) { revokeSession(id: $id) }', { id })).toEqual(
        once('NOT_FOUND'),
      );
    }
  });
});

describe('X6 accounts that leave while their credentials are at work', () => {
  const leavers = 12;
  // What one whose account goes away may be told, and one with too many tokens.
  const refusals = ['UNAUTHENTICATED', 'CONFLICT', 'NOT_FOUND', 'BAD_USER_INPUT'];

  test('leave no row behind, and everybody gets a proper answer', async () => {
    await pair.account('root@example.com', true);
    const codes = new Set<string>();
    let made = 0;
    const note = ({ codes: told }: Answer) => {
      made += told.length === 0 ? 1 : 0;
      for (const code of told) {
        codes.add(code);
      }
    };
    await Promise.all(
      Array.from({ length: leavers }, async (_, index) => {
        const email = `leaver-${index}@example.com`;
        const account = await pair.account(email, false);
        const browser = await pair.session(account);
        let here = true;
        const repeat = async (server: number, asker: Asker, document: string, variables = {}) => {
          while (here) {
            note(await pair.ask(server, asker, document, variables));
          }
          // Once more when the account has certainly gone.
          note(await pair.ask(server, asker, document, variables));
        };
        const lanes = [
          repeat(0, browser, 'mutation { createApiToken(name: "T", abilities: ["read"]) { __typename } }'),
          repeat(1, browser, 'mutation { createPost(title: "T", body: "") { __typename } }'),
          repeat(1, browser, 'mutation { updateAccount(name: "Still here") { kind } }'),
          repeat(
            0,
            {},
            'mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { kind } }',
            {
              email,
              password,
            },
          ),
        ];
        await sleep(300 + 50 * index);
        const last = await pair.session(account);
        const left = await pair.ask(
          index % 2,
          last,
          'mutation ($password: String!) { deleteAccount(password: $password) { kind } }',
          {
            password,
          },
        );
        here = false;
        expect(left.codes).toEqual([]);
        await Promise.all(lanes);
      }),
    );
    expect(made).toBeGreaterThan(leavers);
    expect([...codes].filter((code) => !refusals.includes(code))).toEqual([]);
    expect(await pair.sql('select email from users')).toEqual([{ email: 'root@example.com' }]);
    for (const table of ['api_tokens', 'posts', 'sessions']) {
      expect([table, await pair.sql(`select 1 from ${table}`)]).toEqual([table, []]);
    }
    for (const server of pair.servers) {
      expect(server.stderr).toBe('');
    }
  }, 120_000);
});
