import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Latchkey, type Served } from '../program.js';

// The program is built with faults that no document can otherwise bring about.
jest.setTimeout(120_000);

const faults = `
    const soon = (work: () => void) => new Promise<void>((_, reject) => setTimeout(() => {
      work();
      reject(new Error('planted: an item'));
    }, 20));
    if (page.first === 11) {
      return { nodes: [soon(() => {}), new Error('planted: at once')], pageInfo: {} } as never;
    }
    if (page.first === 12) {
      void soon(() => {});
    }
    if (page.first === 13) {
      clock.exit(() => void setTimeout(async () => { throw new Error('planted: a rejection in a timer'); }, 20));
    }
    if (page.first === 14) {
      setTimeout(() => { throw new Error('planted: a throw in a timer'); }, 20);
    }`;

let latchkey: Latchkey;
let server: Served;
let session: { cookie: string };

beforeAll(async () => {
  latchkey = await Latchkey.build({
    path: 'src/posts/post.resolver.ts',
    change: (source) =>
      source
        .replace(/(\): Promise<Page<Post>> \{)/, `$1${faults}`)
        .replace(/^/, "import { requestScope as clock } from '../telemetry/request-scope.js';\n"),
  });
});

afterAll(() => latchkey?.remove());

async function start(): Promise<void> {
  server = await latchkey.serve({ DATA_DIR: ':memory:', LOG_LEVEL: 'error' });
  const [, email = '', password = ''] = /^ {2}Administrator {2}(\S+)\n {2}Password {7}(\S+)/m.exec(server.stdout) ?? [];
  const url = new URL(server.url);
  session = await server.signIn(email, password);
  expect(url.pathname).toBe('/graphql');
}

/** The lines of the log, without what the start says to people. */
function logged(): { level: number; msg: string; reqId?: string; err: { message: string } }[] {
  return server.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

const posts = (first: number) => server.ask(`{ posts(first: ${first}) { nodes { id } } }`, session);

/** Long enough for the process to have ended, if it does. */
async function stillAnswers(): Promise<void> {
  for (let again = 0; again < 10; again += 1) {
    expect((await server.ask('{ viewer { kind } }', session)).data).toEqual({ viewer: { kind: 'SESSION' } });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('R15 errors that nobody caught', () => {
  beforeAll(start);

  test('R15 a list of which two items fail at different times ends its request and not the process', async () => {
    const answer = await posts(11);
    expect(answer.codes).toEqual(['INTERNAL_SERVER_ERROR']);
    await stillAnswers();
    expect(logged().filter(({ msg }) => msg === 'a request let go of a promise that failed')).toEqual([
      expect.objectContaining({ level: 50, reqId: answer.headers.get('x-request-id') }),
    ]);
  });

  test('R15 a promise that a resolver forgot ends nothing either, and the log tells whose it was', async () => {
    const answer = await posts(12);
    expect(answer.errors).toBeUndefined();
    await stillAnswers();
    expect(logged().at(-1)).toMatchObject({
      level: 50,
      reqId: answer.headers.get('x-request-id'),
      msg: 'a request let go of a promise that failed',
      err: { message: 'planted: an item' },
    });
  });

  test.each([
    ['a rejection', 13],
    ['a throw', 14],
  ])('R15 %s in a timer is logged, and the process drains and ends with 1', async (what, first) => {
    if (first === 14) {
      await start();
    }
    const answer = await posts(first);
    expect(answer.errors).toBeUndefined();
    const { code, stderr } = await server.ended;
    expect([code, stderr]).toEqual([1, 'Latchkey stops because of an error that nobody caught; the log has it.\n']);
    expect(logged().at(-1)).toMatchObject({
      level: 60,
      msg: 'an error that nobody caught',
      err: { message: `planted: ${what} in a timer` },
    });
  });
});
