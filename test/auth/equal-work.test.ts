import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import * as argon2 from '@node-rs/argon2';
import type { Answer, TestServer } from '../helper.js';

const hashes: string[] = [];

// Counted on their way to the library, which goes on doing the work.
jest.unstable_mockModule('@node-rs/argon2', () => ({
  ...argon2,
  hash: (...values: Parameters<typeof argon2.hash>) => {
    hashes.push('hash');
    return argon2.hash(...values);
  },
  verify: (...values: Parameters<typeof argon2.verify>) => {
    hashes.push(`verify ${/m=\d+,t=\d+,p=\d+/.exec(String(values[0]))?.[0]}`);
    return argon2.verify(...values);
  },
}));
const { TestServer: Started, password } = await import('../helper.js');
const { watchStatements } = await import('../statements.js');

let server: TestServer;

beforeAll(async () => {
  server = await Started.start({ LOGIN_ATTEMPTS_PER_ADDRESS: '1000' });
  await server.api(true);
}, 60_000);

afterAll(() => server?.stop());

const documents = {
  login: 'mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { kind } }',
  issueApiToken: `mutation ($email: String!, $password: String!) {
    issueApiToken(email: $email, password: $password, deviceName: "D") { plainTextToken }
  }`,
};

/** All that a client sees of an answer, but its moment and the name of the request. */
function outside({ status, text, headers }: Answer) {
  const lasting = [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
  return { status, text, headers: Object.fromEntries(lasting) };
}

describe('A7 who has an account', () => {
  test.each(Object.keys(documents) as (keyof typeof documents)[])(
    'is told by nothing in %s: not by the answer, its length and headers, the statements, or the hashes',
    async (field) => {
      const known = await server.user();
      const disabled = await server.user();
      await server.sql('update users set disabled_at = now() where id = $1', [disabled.id]);
      const attempts = [
        { email: known.email, password: 'not the password' },
        { email: 'nobody@example.com', password: 'not the password' },
        { email: 'nobody@example.com', password },
        { email: 'no address', password: 'not the password' },
        { email: disabled.email, password: 'not the password' },
        { email: disabled.email, password },
      ];
      const statements = await watchStatements(server);
      const seen: unknown[] = [];
      try {
        for (const attempt of attempts) {
          hashes.length = 0;
          // What refusals leave behind is written later, by a statement of its own for several of them.
          await server.app.services.refusals.flush();
          statements.since();
          const answer = await server.asGuest().send(documents[field], attempt);
          expect(answer.codes).toEqual(['UNAUTHENTICATED']);
          seen.push({ ...outside(answer), statements: statements.since(), hashes: [...hashes] });
        }
      } finally {
        statements.stop();
      }
      expect(seen[0]).toMatchObject({ hashes: ['verify m=19456,t=2,p=1'] });
      expect(seen).toEqual(attempts.map(() => seen[0]));
    },
  );
});
