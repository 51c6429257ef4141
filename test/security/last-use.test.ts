import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Asker, Pair } from './pair.js';
import { Stream } from './stream.js';

let pair: Pair;
let browser: Asker;
let tokens: Asker[];

beforeAll(async () => {
  pair = await Pair.start();
  await pair.sql('create table token_writes (id uuid not null)');
  await pair.sql(`create function note_write() returns trigger language plpgsql as $$
    begin insert into token_writes values (new.id); return new; end $$`);
  await pair.sql('create trigger note_write after update on api_tokens for each row execute function note_write()');
  await pair.sql(`create function refuse_write() returns trigger language plpgsql as $$
    begin raise exception 'not now'; end $$`);
}, 120_000);

afterAll(() => pair?.stop());

beforeEach(async () => {
  await pair.reset();
  await pair.sql('update api_settings set enabled = true');
  await pair.sql('delete from token_writes');
  browser = await pair.session(await pair.account('owner@example.com', false));
  tokens = await Promise.all(
    Array.from({ length: 5 }, async (_, index) => {
      const { data } = await pair.ask(
        index % 2,
        browser,
        'mutation { createApiToken(name: "T", abilities: ["read"]) { plainTextToken } }',
      );
      return { text: data.createApiToken.plainTextToken as string };
    }),
  );
});

afterEach(() => pair.sql('drop trigger if exists refuse_write on api_tokens'));

/** Uses all tokens at both processes, for a while at least, and returns how the requests ended, each way once. */
async function use(ms: number): Promise<string[]> {
  const streams = tokens.map((token) => new Stream(pair, token, 1));
  await Promise.all([sleep(ms), ...streams.map((stream) => stream.pass(25))]);
  const answered = (await Promise.all(streams.map((stream) => stream.stop()))).flat();
  return [...new Set(answered.map(({ outcome }) => outcome))];
}

const writes = async () =>
  (await pair.sql<{ count: number }>('select count(*)::int as count from token_writes group by id')).map(
    ({ count }) => count,
  );

/** Waits until the processes have written down every token of their own accord. */
async function written(): Promise<void> {
  while ((await writes()).length < tokens.length) {
    await sleep(20);
  }
  await settled();
}

/** Waits until neither process has a use left to write: a list of tokens is read after those. */
async function settled(): Promise<void> {
  for (const process of [0, 1]) {
    expect((await pair.ask(process, browser, '{ apiTokens { nodes { id } } }')).errors).toBeUndefined();
  }
}

describe('A13 the last use of tokens that two processes see all the time', () => {
  test('is written once a minute for each token, and the processes never block each other', async () => {
    expect(await use(3_000)).toEqual(['TOKEN']);
    await written();
    expect(await writes()).toEqual(tokens.map(() => 1));

    await pair.sql('delete from token_writes');
    await pair.sql(`update api_tokens set last_used_at = last_used_at - interval '1 minute'`);
    await pair.sql('delete from token_writes');
    expect(await use(3_000)).toEqual(['TOKEN']);
    await written();
    expect(await writes()).toEqual(tokens.map(() => 1));

    const [{ deadlocks } = { deadlocks: -1 }] = await pair.sql<{ deadlocks: number }>(
      'select deadlocks::int from pg_stat_database where datname = current_database()',
    );
    expect(deadlocks).toBe(0);
  }, 60_000);

  test('fails no request when it cannot be written, and is written later', async () => {
    await pair.sql(
      'create trigger refuse_write before update on api_tokens for each row execute function refuse_write()',
    );
    expect(await use(2_000)).toEqual(['TOKEN']);
    await settled();
    expect(await writes()).toEqual([]);
    await pair.sql('drop trigger refuse_write on api_tokens');
    expect(await use(1_000)).toEqual(['TOKEN']);
    await written();
    expect(await writes()).toEqual(tokens.map(() => 1));
  }, 60_000);

  test('keeps no request waiting while somebody else holds the rows', async () => {
    await pair.sql('begin');
    await pair.sql('select 1 from api_tokens for update');
    try {
      expect(await use(2_000)).toEqual(['TOKEN']);
    } finally {
      await pair.sql('commit');
    }
    // What was passed over is left to the next use, and there may have been none since.
    await Promise.all(tokens.map((token) => pair.ask(0, token, '{ viewer { kind } }')));
    await written();
    expect(await writes()).toEqual(tokens.map(() => 1));
  }, 60_000);
});
