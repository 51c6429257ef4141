import type { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { testServer } from '../helper.js';
import { dial, head, parse, refusalCodes, untilClosed } from './raw.js';

const server = testServer();

test('connections that dribble are closed within the limits, and nobody else notices', async () => {
  const openings: Record<string, string> = {
    'a request line that never ends': 'POST /graphql HTT',
    'headers that never end': 'POST /graphql HTTP/1.1\r\nhost: localhost\r\nx-slow: ',
    'a body that never ends': `${head('POST /graphql', { 'content-type': 'application/json', 'content-length': 100 })}{"query":`,
    'chunks that never end': `${head('POST /graphql', { 'content-type': 'application/json', 'transfer-encoding': 'chunked' })}1\r\n{\r\n`,
  };
  const sockets: Socket[] = [];
  const answers = await Promise.all(
    Object.entries(openings).map(async ([name, text]) => {
      const socket = await dial(server().origin);
      sockets.push(socket);
      const closed = untilClosed(socket);
      socket.write(text);
      const dribble = setInterval(() => text.includes('\n') && socket.writable && socket.write('1'), 1_000);
      const limit = setTimeout(() => socket.destroy(new Error('still open')), 15_000);
      const begun = Date.now();
      const response = await fetch(`${server().origin}/livez`);
      expect(response.status).toBe(200);
      const answer = parse(await closed);
      clearInterval(dribble);
      clearTimeout(limit);
      return { name, answer, seconds: (Date.now() - begun) / 1000 };
    }),
  );
  for (const { name, answer, seconds } of answers) {
    expect([name, answer.status]).toEqual([name, expect.any(Number)]);
    expect(seconds).toBeLessThan(14);
    if (answer.status !== 0) {
      expect([name, answer.status]).toEqual([name, 408]);
      expect(refusalCodes(answer.body)).toEqual(['REQUEST_TIMEOUT']);
    }
  }
});

test('an idle connection is closed after a few seconds', async () => {
  const socket = await dial(server().origin);
  const closed = untilClosed(socket);
  socket.write('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n');
  const limit = setTimeout(() => socket.destroy(), 12_000);
  const begun = Date.now();
  expect(parse(await closed).status).toBe(200);
  clearTimeout(limit);
  expect(Date.now() - begun).toBeLessThan(11_000);
});
