import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { type TestServer, testServer } from '../helper.js';
import { dial, head, parse, refusalCodes, sendRaw, untilClosed } from '../http/raw.js';

const server = testServer();
const json = { 'content-type': 'application/json' };

/** What each slow client sends at once; all but the first two go on with a byte a second, and none of them ever ends. */
const openings: Record<string, string> = {
  'says nothing': '',
  'leaves its request line open': 'POST /graphql HTT',
  'dribbles headers': 'POST /graphql HTTP/1.1\r\nhost: localhost\r\nx-slow: ',
  'dribbles a body': `${head('POST /graphql', { ...json, 'content-length': 100 })}{"query":`,
  'dribbles chunks': `${head('POST /graphql', { ...json, 'transfer-encoding': 'chunked' })}1\r\n{\r\n`,
};

/** A connection that keeps the server waiting. */
class SlowClient {
  readonly closed: Promise<string>;
  readonly #begun = Date.now();
  #ended = Number.POSITIVE_INFINITY;
  readonly #dribble: NodeJS.Timeout;
  readonly #limit: NodeJS.Timeout;

  private constructor(
    private readonly socket: Socket,
    opening: string,
  ) {
    // Told here, for whoever asks for the outcome may do so long afterwards.
    this.closed = untilClosed(socket).then((text) => {
      this.#ended = Date.now();
      return text;
    });
    socket.write(opening);
    const dribbles = opening.includes('\n') && !opening.endsWith('\r\n\r\n');
    this.#dribble = setInterval(() => dribbles && socket.writable && socket.write('1'), 1_000);
    this.#limit = setTimeout(() => socket.destroy(), 20_000);
  }

  static async connect({ origin }: TestServer, opening: string): Promise<SlowClient> {
    return new SlowClient(await dial(origin), opening);
  }

  /** Resolves to what the server said and after how many seconds it closed. */
  async outcome() {
    const answer = parse(await this.closed);
    this.give();
    return { answer, seconds: (this.#ended - this.#begun) / 1000 };
  }

  give(): void {
    clearInterval(this.#dribble);
    clearTimeout(this.#limit);
    this.socket.destroy();
  }
}

describe('H7 slow clients', () => {
  test('H7: each is closed within the limits', async () => {
    const outcomes = await Promise.all(
      Object.entries(openings).map(async ([name, opening]) => {
        const client = await SlowClient.connect(server(), opening);
        return { name, ...(await client.outcome()) };
      }),
    );
    for (const { name, answer, seconds } of outcomes) {
      expect([name, seconds < 14]).toEqual([name, true]);
      expect([name, answer.status]).toEqual([name, 408]);
      expect(refusalCodes(answer.body)).toEqual(['REQUEST_TIMEOUT']);
      expect(answer.headers).toMatchObject({
        connection: 'close',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      });
    }
  });

  test('H7: a connection that has nothing more to say is closed after a few seconds', async () => {
    const client = await SlowClient.connect(server(), 'GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n');
    const { answer, seconds } = await client.outcome();
    expect(answer.status).toBe(200);
    expect(seconds).toBeGreaterThan(4);
    expect(seconds).toBeLessThan(11);
  });

  test('H7: whoever reads nothing of a long answer gets no more of it after twenty seconds', async () => {
    const author = await server().user();
    for (let i = 0; i < 99; i += 1) {
      await server().post(author, { body: 'x'.repeat(50_000) });
    }
    const { cookie } = await server().withSession(author);
    const body = JSON.stringify({ query: '{ posts(first: 99) { nodes { body again: body } } }' });
    const ask = async (patienceMs: number) => {
      const socket = await dial(server().origin);
      socket.write(
        `${head('POST /graphql', { ...json, cookie, 'sec-fetch-site': 'same-origin', connection: 'close', 'content-length': body.length })}${body}`,
      );
      socket.pause();
      await sleep(patienceMs);
      const answer = untilClosed(socket);
      socket.resume();
      return (await answer).length;
    };
    const [whole, given] = await Promise.all([ask(5_000), ask(25_000)]);
    expect(whole).toBeGreaterThan(9_900_000);
    expect(given).toBeLessThan(9_900_000);
  }, 60_000);

  test('H7: two hundred of them at once do not slow anybody else', async () => {
    const alone = await median();
    const kinds = Object.values(openings);
    const clients = await Promise.all(
      Array.from({ length: 200 }, (_, index) => SlowClient.connect(server(), kinds[index % kinds.length] ?? '')),
    );
    // A machine that is busy with other things doubles or trebles a few milliseconds.
    expect(await median()).toBeLessThan(Math.max(50, 3 * alone));
    const outcomes = await Promise.all(clients.map((client) => client.outcome()));
    expect(outcomes.filter(({ seconds }) => seconds > 14)).toEqual([]);
  });
});

/**
 * How many milliseconds half of fifty ordinary requests take at most, each over a connection of its own. They do not
 * wait for one another: what holds up newcomers for seconds holds up most of them, and a busy machine stalls only a few.
 */
async function median(): Promise<number> {
  const body = '{"query":"{ apiSettings { enabled } }"}';
  const ask = async () => {
    const begun = performance.now();
    const answer = await sendRaw(
      server().origin,
      head('POST /graphql', { ...json, 'content-length': body.length }),
      body,
    );
    expect(JSON.parse(answer.body)).toMatchObject({ data: { apiSettings: { enabled: false } } });
    return performance.now() - begun;
  };
  const asked: Promise<number>[] = [];
  for (let round = 0; round < 50; round += 1) {
    asked.push(ask());
    await sleep(40);
  }
  const elapsed = await Promise.all(asked);
  return elapsed.sort((one, other) => one - other)[25] ?? Number.POSITIVE_INFINITY;
}
