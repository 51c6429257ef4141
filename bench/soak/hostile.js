import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answers } from './actor.js';

const repeat = (count, text) => Array.from({ length: count }, (_, index) => text(index)).join(' ');

/** Refused by a limit or as no document at all, before any of it ran. */
const refused = ({ status, codes }) => status === 400 && /_LIMIT$|^GRAPHQL_/.test(codes[0] ?? '');

const bombs = [
  `{ ${repeat(200, (index) => `a${index}: __typename`)} }`,
  `{ viewer { user { ${'posts { nodes { author { '.repeat(6)} id ${'} } }'.repeat(6)} } } }`,
  `query { ...F0 } ${repeat(30, (index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`)} fragment F30 on Query { __typename }`,
  `{ ${'__typename '.repeat(5_000)} }`,
  `{ __typename ${'@include(if: true) '.repeat(300)} }`,
  '{ posts(first: 100) { nodes { author { posts(first: 100) { nodes { author { posts(first: 100) { nodes { id } } } } } } } } }',
  `${'{ a '.repeat(20_000)}`,
  '{ nothing { of: this { is } known } }',
  'fragment A on Query { ...B } fragment B on Query { ...A } { ...A }',
];

const bearers = [
  '',
  'x',
  '1|2',
  'lk_',
  `lk_${'0'.repeat(26)}_${'a'.repeat(46)}`,
  'Zm9v',
  'ä',
  `lk_${'z'.repeat(4_000)}`,
];

const bodies = [
  '',
  '{}',
  '[]',
  'null',
  '"x"',
  '{"query":1}',
  '{"query":"{ viewer { kind } }","variables":[]}',
  '{',
  '\ufeff{}',
];

/** Whatever remembers documents, or parts of them, meets each of these for the first time. */
function unheardOf(actor) {
  const end = Array.from({ length: 8 }, () => actor.pick('0123456789abcdefghjkmnpqrstvwxyz')).join('');
  return `{ a${end}: __typename b: node(id: "post_01h455vb4pex5vsknk${end}") { id } } ${`# ${end}\n`.repeat(7_000)}`;
}

/** What those do that mean harm, with weights. Every answer must be one that the act deserves, nearly always a refusal. */
export const hostileActs = [
  {
    weight: 10,
    act: (actor) =>
      actor.send('drops a bomb', refused, (client) =>
        client.ask(actor.pick(bombs), {}, { authorization: `Bearer ${actor.person.token}` }),
      ),
  },
  {
    weight: 6,
    act: (actor) =>
      actor.send('sends a long document that nobody has sent before', answers('NOT_FOUND'), (client) =>
        client.ask(unheardOf(actor), {}, { authorization: `Bearer ${actor.person.token}` }),
      ),
  },
  {
    weight: 10,
    act: (actor) =>
      actor.send('shows a bad bearer', answers('UNAUTHENTICATED'), (client) =>
        client.ask('{ viewer { kind } }', {}, { authorization: `Bearer ${encodeURI(actor.pick(bearers))}` }),
      ),
  },
  {
    weight: 3,
    act: (actor) =>
      actor.send('guesses a password', answers('UNAUTHENTICATED', 'RATE_LIMITED'), (client) =>
        client.ask('mutation ($email: String!) { login(email: $email, password: "a guess of many") { kind } }', {
          email: `victim-${Math.floor(actor.random() * 50)}@example.com`,
        }),
      ),
  },
  {
    weight: 5,
    act: (actor) =>
      actor.send('forges a request', answers('CSRF_REFUSED'), (client) =>
        client.ask(
          'mutation { logout { kind } }',
          {},
          {
            cookie: actor.person.cookie,
            'sec-fetch-site': 'cross-site',
            origin: 'https://evil.example',
          },
        ),
      ),
  },
  {
    weight: 5,
    act: (actor) =>
      actor.send(
        'oversteps its abilities',
        answers('INSUFFICIENT_ABILITIES', 'SESSION_REQUIRED', 'FORBIDDEN'),
        (client) =>
          client.ask(
            actor.pick([
              'mutation { updateApiSettings(enabled: false) { enabled } }',
              'mutation { createApiToken(name: "More", abilities: ["update"]) { plainTextToken } }',
              '{ users { nodes { id } } }',
            ]),
            {},
            { authorization: `Bearer ${actor.person.token}` },
          ),
      ),
  },
  {
    weight: 5,
    act: (actor) =>
      actor.send('reaches for the records of others', answers('NOT_FOUND', 'FORBIDDEN', 'BAD_USER_INPUT'), (client) =>
        client.ask(
          'mutation ($id: ID!) { deletePost(id: $id) }',
          { id: actor.pick(['post_01h455vb4pex5vsknk084sn02q', '1', "' or 1=1 --", 'post_zzz', '']) },
          { cookie: actor.person.cookie },
        ),
      ),
  },
  {
    weight: 5,
    act: (actor) =>
      actor.send(
        'sends a broken body',
        ({ status }) => status === 400,
        (client) => client.send({ headers: { 'content-type': 'application/json' }, body: actor.pick(bodies) }),
      ),
  },
  {
    weight: 3,
    act: (actor) =>
      actor.send(
        'sends too much or in other ways',
        ({ status }) => [404, 405, 413, 415, 431].includes(status),
        (client) =>
          client.send(
            actor.pick([
              { headers: { 'content-type': 'application/json' }, body: 'x'.repeat(150_000) },
              { headers: { 'content-type': 'text/plain' }, body: '{"query":"{ __typename }"}' },
              { headers: { 'x-big': 'x'.repeat(20_000), 'content-type': 'application/json' }, body: '{}' },
              { method: 'DELETE' },
              { method: 'GET', path: '/graphql?query=%7B__typename%7D' },
              { method: 'GET', path: '/../etc/passwd' },
            ]),
          ),
      ),
  },
  {
    weight: 4,
    act: (actor) =>
      actor.send('spends beyond a budget', answers('UNAUTHENTICATED', 'RATE_LIMITED'), (client) =>
        client
          .from('192.0.2.1')
          .ask('{ posts(first: 100) { nodes { author { posts(first: 20) { nodes { id } } } } } }'),
      ),
  },
  {
    weight: 2,
    act: async (actor) => {
      await abandon(actor.client.port);
      actor.tally.count('leaves in the middle', { status: 'gone', codes: [], ms: 0, text: '' }, true);
    },
  },
];

/** Begins a request and goes away before its end. */
async function abandon(port) {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"que',
  );
  await sleep(20);
  socket.destroy();
}

/** Keeps a connection open as long as the server bears it, sending next to nothing; returns when it is closed. */
export function dawdle(port, deadline) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.write('POST /graphql HTTP/1.1\r\nhost: localhost\r\n');
    const drip = setInterval(() => (Date.now() > deadline ? socket.destroy() : socket.write('x-slow: 1\r\n')), 1_000);
    socket.on('error', () => {});
    socket.on('data', () => {});
    socket.on('close', () => {
      clearInterval(drip);
      resolve();
    });
  });
}
