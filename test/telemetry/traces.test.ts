import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { User } from '../../src/users/user.entity.js';
import { type Client, password, TestServer } from '../helper.js';
import { LogLines } from '../log-lines.js';

/** A span as it came over the wire, with its attributes as a plain object. */
interface Span {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly start: bigint;
  readonly end: bigint;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
}

/** A collector of OpenTelemetry that keeps what it gets. */
class Collector {
  readonly spans: Span[] = [];
  readonly bodies: string[] = [];
  readonly headers: IncomingHttpHeaders[] = [];
  private readonly server: Server;

  constructor() {
    this.server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk);
      }
      const body = Buffer.concat(chunks).toString('utf8');
      this.bodies.push(body);
      this.headers.push({ ...request.headers, path: `${request.method} ${request.url}` });
      this.spans.push(...read(body));
      response.setHeader('content-type', 'application/json').end('{}');
    });
  }

  async listen(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

function read(body: string): Span[] {
  return JSON.parse(body).resourceSpans.flatMap((group: any) =>
    group.scopeSpans.flatMap((scope: any) =>
      scope.spans.map((span: any) => ({
        ...span,
        parentSpanId: span.parentSpanId || undefined,
        start: BigInt(span.startTimeUnixNano),
        end: BigInt(span.endTimeUnixNano),
        failed: span.status?.code === 2,
        attributes: plain(span.attributes),
        resource: plain(group.resource.attributes),
      })),
    ),
  );
}

function plain(attributes: readonly { key: string; value: Record<string, unknown> }[]): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const [kind, each] = Object.entries(value)[0] ?? [];
      return [key, kind === 'intValue' ? Number(each) : each];
    }),
  );
}

const [server, client, internal] = [2, 3, 1];
const slack = 5_000_000n;
const log = new LogLines();
const collector = new Collector();
let latchkey: TestServer;
let user: User;
let session: Client;
let program: Client;
const secrets: string[] = [];

/** Does some work and stops the server, so that everything is exported; what the work gave back and its spans. */
async function traced<T>(
  work: () => Promise<T>,
  env: Record<string, string> = {},
): Promise<{ result: T; spans: Span[] }> {
  const own = new Collector();
  const url = await own.listen();
  latchkey = await TestServer.start({ OTEL_EXPORTER_OTLP_ENDPOINT: url, LOG_LEVEL: 'info', ...env }, log);
  try {
    user = await latchkey.user();
    session = await latchkey.withSession(user);
    await latchkey.api(true);
    program = await latchkey.actingAs(user, ['read', 'create']);
    secrets.push(session.cookie.split('=')[1] ?? '', program.token);
    log.clear();
    const result = await work();
    await latchkey.stop();
    collector.bodies.push(...own.bodies);
    collector.headers.push(...own.headers);
    return { result, spans: own.spans };
  } finally {
    own.close();
  }
}

const childrenOf = (spans: readonly Span[], parent: Span | undefined) =>
  spans.filter((span) => span.parentSpanId === parent?.spanId && span.traceId === parent?.traceId);

describe('traces', () => {
  let spans: Span[];

  beforeAll(async () => {
    ({ spans } = await traced(async () => {
      await session.send('mutation Write { createPost(title: "canary-title", body: "canary-body") { id } }');
      await program.send(
        'query Feed($n: Int) { posts(first: $n) { nodes { title author { name } } } viewer { kind } }',
        { n: 7 },
        { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
      );
      await latchkey.withToken('canary-bearer').send('{ canaryField: __typename }');
      await latchkey.asGuest().send('mutation { login(email: "canary@example.com", password: "canary") { kind } }');
      await fetch(`${latchkey.origin}/livez?canary=1`);
      await fetch(`${latchkey.origin}/canary?access_token=canary`, { headers: { accept: 'application/json' } });
    }));
  }, 120_000);

  const servers = () => spans.filter((span) => span.kind === server);

  test('a request is a SERVER span by the conventions for HTTP, and probes are none', () => {
    expect(servers().map(({ name, attributes }) => [name, attributes['http.response.status_code']])).toEqual([
      ['POST /graphql', 200],
      ['POST /graphql', 200],
      ['POST /graphql', 401],
      ['POST /graphql', 401],
      ['GET', 404],
    ]);
    expect(servers()[0]).toMatchObject({
      failed: false,
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/graphql',
        'url.path': '/graphql',
        'url.scheme': 'http',
        'client.address': '127.0.0.1',
        'latchkey.request.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
      resource: {
        'service.name': 'latchkey',
        'service.version': expect.any(String),
        'telemetry.sdk.language': 'nodejs',
      },
    });
    expect(servers().every((span) => span.parentSpanId === undefined || span === servers()[1])).toBe(true);
  });

  test('whose trace began elsewhere goes on in it', () => {
    expect(servers()[1]).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
    });
  });

  test('its operation is a span below it, and the statements of the operation are CLIENT spans below that', () => {
    const [write, feed] = servers();
    const [operation] = childrenOf(spans, write).filter((span) => span.kind === internal);
    expect(operation).toMatchObject({
      name: 'mutation',
      attributes: { 'graphql.operation.type': 'mutation', 'graphql.operation.name': 'Write' },
    });
    const written = childrenOf(spans, operation);
    expect(written.map((span) => span.name)).toContain('INSERT posts');
    expect(written.every((span) => span.kind === client)).toBe(true);
    const [query] = childrenOf(spans, feed).filter((span) => span.kind === internal);
    expect(query).toMatchObject({ name: 'query', attributes: { 'graphql.operation.name': 'Feed' } });
    expect(childrenOf(spans, query)).toEqual([
      expect.objectContaining({
        name: 'SELECT posts',
        attributes: expect.objectContaining({
          'db.system.name': 'postgresql',
          'db.operation.name': 'SELECT',
          'db.collection.name': 'posts',
          'db.query.text': expect.stringMatching(/^select .* from "posts" .*\$\d/),
        }),
      }),
    ]);
    // The look-up of the credential comes before the operation.
    expect(childrenOf(spans, feed).filter((span) => span.kind === client)).toEqual([
      expect.objectContaining({ name: 'SELECT api_settings' }),
    ]);
  });

  test('a span lies within its parent, and an answer that is a refusal is no failure of ours', () => {
    for (const span of spans) {
      expect(span.end >= span.start).toBe(true);
      const parent = spans.find((each) => each.spanId === span.parentSpanId);
      // Clocks of spans agree to a millisecond or two.
      const within = parent === undefined || (parent.start <= span.start + slack && span.end <= parent.end + slack);
      expect([span.name, within]).toEqual([span.name, true]);
      expect(span.failed).toBe(false);
    }
    const [login] = childrenOf(spans, servers()[3]).filter((span) => span.kind === internal);
    expect(login?.attributes['error.type']).toBe('UNAUTHENTICATED');
  });

  test('the log leads to them', () => {
    const ids = new Set(servers().map((span) => span.traceId));
    const lines = log.entries.filter((entry) => entry.res !== undefined);
    expect(lines.length).toBeGreaterThanOrEqual(5);
    expect(lines.every((entry) => ids.has(entry.trace_id))).toBe(true);
  });

  test('nothing of what was sent, and no secret, goes to the collector', () => {
    const text = collector.bodies.join('\n');
    expect(text).toContain('"Feed"');
    for (const secret of [
      'canary-title',
      'canary-body',
      'canary@',
      'canary-bearer',
      'canaryField',
      'access_token',
      password,
      user.id,
      ...secrets,
    ]) {
      expect(secret).not.toBe('');
      expect(text).not.toContain(secret);
    }
    expect(text).not.toMatch(/argon2|[0-9a-f]{64}|traceparent/);
  });
});

describe('what is set', () => {
  test('headers, a service, attributes, and a whole URL, as the specification says', async () => {
    const { spans } = await traced(() => session.send('{ viewer { kind } }'), {
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b,x-other=1',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-other=2',
      OTEL_SERVICE_NAME: 'keys',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=not-this,deployment.environment.name=test%2C%20here',
    });
    expect(spans.length).toBeGreaterThan(2);
    expect(spans[0]?.resource).toMatchObject({ 'service.name': 'keys', 'deployment.environment.name': 'test, here' });
    expect(collector.headers.at(-1)).toMatchObject({
      path: 'POST /v1/traces',
      'content-type': 'application/json',
      'x-key': 'a b',
      'x-other': '2',
    });
  }, 60_000);

  test.each([
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, 0],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }, 0],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, 1],
  ])(
    '%j',
    async (env, kept) => {
      const parent = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
      const { spans } = await traced(async () => {
        await session.send('{ viewer { kind } }');
        await session.send('{ viewer { kind } }', {}, parent);
      }, env);
      expect(spans.filter((span) => span.kind === server)).toHaveLength(kept);
    },
    60_000,
  );
});

test('a statement that fails tells its SQLSTATE and no message', async () => {
  const { spans } = await traced(async () => {
    await latchkey.sql('alter table posts rename to posts_away');
    await session.send('{ posts(first: 3) { nodes { id } } }').catch(() => {});
  });
  const failed = spans.filter((span) => span.failed);
  expect(failed.map((span) => [span.kind, span.name, span.attributes['error.type']])).toEqual(
    expect.arrayContaining([
      [client, 'SELECT posts', '42P01'],
      [internal, 'query', 'INTERNAL_SERVER_ERROR'],
      [server, 'POST /graphql', '500'],
    ]),
  );
  expect(JSON.stringify(failed.map((span) => span.attributes))).not.toMatch(/does not exist|relation/);
}, 60_000);

describe('a collector that is away', () => {
  test('hurts no request and does not keep the server from stopping; the log says so', async () => {
    const away = new Collector();
    const url = await away.listen();
    away.close();
    const { result } = await traced(
      async () => {
        const answers = await Promise.all(Array.from({ length: 30 }, () => session.send('{ viewer { kind } }')));
        return answers.map((answer) => answer.status);
      },
      { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_TIMEOUT: '300' },
    );
    expect(new Set(result)).toEqual(new Set([200]));
    expect(log.entries.filter((entry) => entry.msg === 'traces could not be exported').length).toBeGreaterThan(0);
  }, 60_000);
});
