import { connect } from 'node:net';

/**
 * Loads a server over so many connections, each of which sends its requests in turn, one after the answer to the other.
 *
 * Not autocannon: when a server closes a connection that has served its share, as Latchkey does after 1,000 requests,
 * autocannon pairs every later answer on that connection with the request before it. This one also parses less, which
 * matters where the load and the server share two cores.
 *
 * @param {{ port: number, requestsFor: (connection: number) => Buffer[], connections: number, seconds: number,
 *   accepts: (status: number, body: Buffer) => boolean }} options
 */
export async function load({ port, requestsFor, connections, seconds, accepts }) {
  const latencies = [];
  const state = { latencies, answers: 0, refused: 0, example: null };
  const start = performance.now();
  const deadline = start + seconds * 1_000;
  const each = Array.from({ length: connections }, (_, index) =>
    run({ port, requests: requestsFor(index), deadline, accepts, state }),
  );
  await Promise.all(each);
  latencies.sort((a, b) => a - b);
  return {
    requestsPerSecond: latencies.length / seconds,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    // With those that were under way at the deadline; they cost the server too.
    answers: state.answers,
    refused: state.refused,
    example: state.example,
  };
}

function percentile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function run({ port, requests, deadline, accepts, state }) {
  return new Promise((resolve, reject) => {
    let socket;
    let next = 0;
    let sentAt = 0;
    let pending = null;
    let waiting = false;

    const send = () => {
      sentAt = performance.now();
      if (sentAt >= deadline) {
        socket.destroy();
        resolve();
        return;
      }
      waiting = true;
      socket.write(requests[next]);
      next = (next + 1) % requests.length;
    };

    const open = () => {
      socket = connect({ port, host: '127.0.0.1', noDelay: true });
      const mine = socket;
      socket.on('connect', send);
      socket.on('data', receive);
      socket.on('error', reject);
      socket.on('close', () => {
        if (mine === socket && waiting) {
          reject(new Error('The server closed a connection in the middle of a request.'));
        }
      });
    };

    const receive = (chunk) => {
      pending = pending === null ? chunk : Buffer.concat([pending, chunk]);
      const answer = parse(pending);
      if (answer === null) {
        return;
      }
      pending = null;
      waiting = false;
      const now = performance.now();
      state.answers += 1;
      if (now <= deadline) {
        state.latencies.push(now - sentAt);
      }
      if (!accepts(answer.status, answer.body)) {
        state.refused += 1;
        state.example ??= `${answer.status} ${answer.body.toString('utf8', 0, 500)}`;
      }
      if (answer.close) {
        socket.destroy();
        open();
      } else {
        send();
      }
    };

    open();
  });
}

const headEnd = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('0\r\n\r\n');

/** The answer in these bytes, or null until all of it has come. No more than one is ever under way. */
export function parse(bytes) {
  const end = bytes.indexOf(headEnd);
  if (end < 0) {
    return null;
  }
  const head = bytes.latin1Slice(0, end);
  const body = bytes.subarray(end + 4);
  const length = /\ncontent-length: *(\d+)/i.exec(head)?.[1];
  const complete =
    length === undefined ? body.subarray(-lastChunk.length).equals(lastChunk) : body.length >= Number(length);
  if (!complete) {
    return null;
  }
  return { status: Number(head.slice(9, 12)), body, close: /\nconnection: *close/i.test(head) };
}

/** A request as the bytes that are sent again and again. */
export function requestBytes(port, { method, path, headers, body }) {
  const text = body === undefined ? '' : JSON.stringify(body);
  const lines = [`${method} ${path} HTTP/1.1`, `host: 127.0.0.1:${port}`];
  for (const [name, value] of Object.entries(headers ?? {})) {
    lines.push(`${name}: ${value}`);
  }
  if (body !== undefined) {
    lines.push('content-type: application/json', `content-length: ${Buffer.byteLength(text)}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${text}`);
}
