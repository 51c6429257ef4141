import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ConfigError, environment, loadConfig } from '../src/config.js';

/** What loading says about an environment; the message of the error that stops the start. */
function complaint(env: Record<string, string>): string {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.message;
    }
    throw error;
  }
  throw new Error('The configuration was accepted.');
}

describe('defaults', () => {
  test('an empty environment is a development server for this machine alone', () => {
    expect(loadConfig({})).toEqual({
      mode: 'development',
      host: '127.0.0.1',
      port: 4000,
      publicOrigin: undefined,
      allowedOrigins: [],
      trustProxy: [],
      databaseUrl: undefined,
      databasePoolSize: 10,
      dataDir: resolve('.data'),
      redisUrl: undefined,
      console: { folder: resolve('console'), required: false },
      playground: 'on',
      administrator: undefined,
      tokenPrefix: 'lk',
      tokensPerUser: 100,
      session: { idleMs: 7_200_000, lifetimeMs: 14 * 86_400_000, secure: false },
      loginAttemptsPerMinute: 5,
      loginAttemptsPerAddress: 50,
      registrationsPerAddress: 60,
      overload: { maxEventLoopDelayMs: 1_000, maxRequestsAtOnce: 1_000 },
      metrics: null,
      limits: {
        tokens: 1_000,
        fragments: 50,
        directives: 10,
        depth: 8,
        aliases: 15,
        rootFields: 10,
        selections: 1_000,
        cost: 5_000,
      },
      costPerMinute: { perAccount: 300_000, perGuest: 60_000 },
      traces: null,
      drainMs: 0,
      auditRetentionDays: 400,
      logLevel: 'warn',
    });
  });

  test('a variable that is set to nothing is not set', () => {
    const empty = Object.fromEntries(Object.keys(environment.shape).map((name) => [name, '']));
    expect(loadConfig(empty)).toEqual(loadConfig({}));
  });

  test('traces have an exporter when there is an endpoint, and none when they are switched off', () => {
    const exporter = (env: Record<string, string>) => loadConfig(env).traces?.exporter ?? null;
    const endpoint = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://localhost:4318/v1/traces' };
    expect([
      exporter(endpoint),
      exporter({ OTEL_TRACES_EXPORTER: 'console' }),
      exporter({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }),
      exporter({ ...endpoint, OTEL_SDK_DISABLED: 'true' }),
      exporter({ ...endpoint, OTEL_SDK_DISABLED: 'false' }),
    ]).toEqual(['otlp', 'console', null, null, 'otlp']);
    expect(loadConfig({ OTEL_TRACES_EXPORTER: 'otlp' }).traces?.url).toBe('http://localhost:4318/v1/traces');
    expect(loadConfig(endpoint).traces?.url).toBe('http://localhost:4318/v1/traces');
  });

  test('nobody can change it afterwards', () => {
    const config = loadConfig({});
    expect(Object.isFrozen(config)).toBe(true);
    expect(() => {
      (config as { port: number }).port = 1;
    }).toThrow(TypeError);
  });

  test('every variable says what it is for', () => {
    for (const [name, shape] of Object.entries(environment.shape)) {
      expect([name, shape.description ?? '']).toEqual([name, expect.stringMatching(/\w{3}.*\.$/)]);
    }
  });

  test('production logs requests and marks the cookie Secure', () => {
    const config = loadConfig({ NODE_ENV: 'production' });
    expect(config.logLevel).toBe('info');
    expect(config.session.secure).toBe(true);
  });
});

describe('values', () => {
  test('all of them are read', () => {
    expect(
      loadConfig({
        NODE_ENV: 'test',
        HOST: '0.0.0.0',
        PORT: '0',
        APP_URL: 'https://api.example.com/',
        ALLOWED_ORIGINS: 'https://a.example.com, https://b.example.com:8443 ,',
        TRUST_PROXY: '10.0.0.0/8, 127.0.0.1',
        DATABASE_URL: 'postgres://u:p@db.example.com/latchkey',
        DATABASE_POOL_SIZE: '20',
        DATA_DIR: '/var/lib/latchkey',
        REDIS_URL: 'rediss://cache.example.com',
        CONSOLE: '/var/lib/console',
        PLAYGROUND: 'users',
        ADMIN_EMAIL: 'root@example.com',
        ADMIN_PASSWORD: 'a long enough one',
        TOKEN_PREFIX: 'acme1',
        TOKENS_PER_USER: '3',
        SESSION_IDLE_MINUTES: '60',
        SESSION_LIFETIME_HOURS: '1',
        LOGIN_ATTEMPTS_PER_MINUTE: '6',
        LOGIN_ATTEMPTS_PER_ADDRESS: '7',
        REGISTRATIONS_PER_ADDRESS: '8',
        MAX_EVENT_LOOP_DELAY_MS: '0',
        MAX_REQUESTS_AT_ONCE: '20',
        METRICS_PORT: '9464',
        METRICS_HOST: '::',
        METRICS_TOKEN: 'for-the-scraper!',
        MAX_TOKENS: '2000',
        MAX_FRAGMENTS: '9',
        MAX_DIRECTIVES: '0',
        MAX_DEPTH: '11',
        MAX_ALIASES: '12',
        MAX_ROOT_FIELDS: '13',
        MAX_SELECTIONS: '1400',
        MAX_COST: '1500',
        COST_PER_MINUTE: '9000',
        COST_PER_MINUTE_GUEST: '0',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example.com/otel/',
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc,b=1',
        OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'b=2',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_TIMEOUT: '500',
        OTEL_RESOURCE_ATTRIBUTES: 'service.name=keys, host.name=one',
        OTEL_TRACES_SAMPLER: 'traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.25',
        DRAIN_SECONDS: '4',
        AUDIT_RETENTION_DAYS: '0',
        LOG_LEVEL: 'trace',
      }),
    ).toEqual({
      mode: 'test',
      host: '0.0.0.0',
      port: 0,
      publicOrigin: 'https://api.example.com',
      allowedOrigins: ['https://a.example.com', 'https://b.example.com:8443'],
      trustProxy: ['10.0.0.0/8', '127.0.0.1'],
      databaseUrl: 'postgres://u:p@db.example.com/latchkey',
      databasePoolSize: 20,
      dataDir: '/var/lib/latchkey',
      redisUrl: 'rediss://cache.example.com',
      console: { folder: '/var/lib/console', required: true },
      playground: 'users',
      administrator: { email: 'root@example.com', password: 'a long enough one' },
      tokenPrefix: 'acme1',
      tokensPerUser: 3,
      session: { idleMs: 3_600_000, lifetimeMs: 3_600_000, secure: true },
      loginAttemptsPerMinute: 6,
      loginAttemptsPerAddress: 7,
      registrationsPerAddress: 8,
      overload: { maxEventLoopDelayMs: 0, maxRequestsAtOnce: 20 },
      metrics: { port: 9464, host: '::', token: 'for-the-scraper!' },
      limits: {
        tokens: 2_000,
        fragments: 9,
        directives: 0,
        depth: 11,
        aliases: 12,
        rootFields: 13,
        selections: 1_400,
        cost: 1_500,
      },
      costPerMinute: { perAccount: 9_000, perGuest: 0 },
      traces: {
        exporter: 'otlp',
        url: 'https://collector.example.com/otel/v1/traces',
        headers: { authorization: 'Bearer abc', b: '2' },
        timeoutMs: 500,
        serviceName: 'keys',
        resource: { 'host.name': 'one' },
        sampler: 'traceidratio',
        ratio: 0.25,
      },
      drainMs: 4_000,
      auditRetentionDays: 0,
      logLevel: 'trace',
    });
  });

  test.each([
    ['http://localhost:8080', false],
    ['http://127.0.0.1:4000', false],
    ['http://[::1]:4000', false],
    ['https://localhost', true],
    ['https://api.example.com', true],
  ])('the cookie follows the scheme of %s', (url, secure) => {
    expect(loadConfig({ APP_URL: url, NODE_ENV: 'production' }).session.secure).toBe(secure);
  });

  test('a server that others reach without a public address keeps its cookie Secure', () => {
    expect(loadConfig({ HOST: '0.0.0.0' }).session.secure).toBe(true);
  });
});

describe('R17 bad values', () => {
  const bad: Record<string, string[]> = {
    NODE_ENV: ['prod', 'Production', 'staging'],
    PORT: ['-1', '65536', '80.5', 'http', '4000x', '0x1f90', '1e3', ' '],
    APP_URL: [
      'api.example.com',
      'ftp://x.example.com',
      'https://x.example.com/path',
      'https://u:sekret@x.example.com',
      'https://x.example.com?a=sekret',
    ],
    ALLOWED_ORIGINS: [
      '*',
      'https://a.example.com,sekret',
      'https://a.example.com/path',
      'null',
      'https://a.example.com,http://b.example.com',
    ],
    TRUST_PROXY: ['everyone', 'true', '10.0.0.0/33', '10.0.0.0/0', '0.0.0.0/0', '::/0', '10.0.0.1, sekret'],
    DATABASE_URL: ['mysql://root:sekret@db/x', 'sekret', 'postgres:sekret'],
    DATABASE_POOL_SIZE: ['0', '1', '501', 'many'],
    REDIS_URL: ['http://:sekret@cache', 'sekret'],
    PLAYGROUND: ['guests', 'true', 'OFF'],
    ADMIN_EMAIL: ['root', 'root@', '@example.com'],
    ADMIN_PASSWORD: ['sekret', 'sekret'.repeat(50)],
    TOKEN_PREFIX: ['', 'LK', '1k', 'l_k', 'l-k', 'a'.repeat(17)],
    TOKENS_PER_USER: ['0', '10001', 'x'],
    SESSION_IDLE_MINUTES: ['0', '43201', 'x'],
    SESSION_LIFETIME_HOURS: ['0', '8761', 'x'],
    LOGIN_ATTEMPTS_PER_MINUTE: ['0', '10001', 'x'],
    LOGIN_ATTEMPTS_PER_ADDRESS: ['0', '100001', 'x'],
    REGISTRATIONS_PER_ADDRESS: ['0', '100001', 'x'],
    MAX_EVENT_LOOP_DELAY_MS: ['-1', '60001', 'x'],
    MAX_REQUESTS_AT_ONCE: ['9', '100001', 'x'],
    METRICS_PORT: ['-1', '65536', 'x'],
    METRICS_TOKEN: ['short', 'has a space in the middle', 'x'.repeat(257)],
    MAX_TOKENS: ['0', '299', '10001', 'x'],
    MAX_FRAGMENTS: ['4', '501', 'x'],
    MAX_DIRECTIVES: ['-1', '501', 'x'],
    MAX_DEPTH: ['0', '3', '26', 'x'],
    MAX_ALIASES: ['0', '501', 'x'],
    MAX_ROOT_FIELDS: ['0', '1', '101', 'x'],
    MAX_SELECTIONS: ['249', '10001', 'x'],
    MAX_COST: ['0', '999', '1000001', 'x'],
    COST_PER_MINUTE: ['-1', '1000000000', 'x'],
    COST_PER_MINUTE_GUEST: ['-1', '1000000000', 'x'],
    OTEL_TRACES_EXPORTER: ['jaeger', 'OTLP'],
    OTEL_EXPORTER_OTLP_ENDPOINT: ['collector:4318', 'ftp://collector'],
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ['collector'],
    OTEL_EXPORTER_OTLP_PROTOCOL: ['grpc', 'http/protobuf'],
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: ['grpc'],
    OTEL_EXPORTER_OTLP_HEADERS: ['sekret', '=sekret', 'a=%ff'],
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: ['sekret'],
    OTEL_EXPORTER_OTLP_TIMEOUT: ['0', 'x', '1000000'],
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: ['-1'],
    OTEL_SERVICE_NAME: ['x'.repeat(256)],
    OTEL_RESOURCE_ATTRIBUTES: ['sekret'],
    OTEL_TRACES_SAMPLER: ['jaeger_remote'],
    OTEL_TRACES_SAMPLER_ARG: ['2', '-1', 'half'],
    OTEL_SDK_DISABLED: ['maybe'],
    DRAIN_SECONDS: ['-1', '61', 'soon'],
    AUDIT_RETENTION_DAYS: ['-1', '36501', 'x'],
    LOG_LEVEL: ['verbose', 'INFO', 'off'],
  };
  const cases = Object.entries(bad).flatMap(([name, values]) =>
    values.filter((value) => value !== '').map((value) => [name, value] as const),
  );

  test.each(cases)('%s=%s is refused by name, and the value is not repeated', (name, value) => {
    const pairs: Record<string, Record<string, string>> = {
      ADMIN_PASSWORD: { ADMIN_EMAIL: 'root@example.com' },
      ADMIN_EMAIL: { ADMIN_PASSWORD: 'a long enough one' },
    };
    const message = complaint({ ...pairs[name], [name]: value });
    expect(message).toMatch(new RegExp(`^${name} must .*\\.$`));
    expect(message).not.toContain('sekret');
    expect(message).not.toContain('a long enough one');
  });

  test('every variable that can be wrong is tried here', () => {
    const free = ['HOST', 'DATA_DIR', 'CONSOLE', 'METRICS_HOST'];
    expect([...Object.keys(bad), ...free].sort()).toEqual(Object.keys(environment.shape).sort());
  });

  test('all of them are told at once, a line each', () => {
    const lines = complaint({ PORT: 'x', NODE_ENV: 'y', REDIS_URL: 'z' }).split('\n');
    expect(lines.map((line) => line.split(' ')[0]).sort()).toEqual(['NODE_ENV', 'PORT', 'REDIS_URL']);
  });
});

describe('R17 contradictions', () => {
  test.each([
    [{ ADMIN_EMAIL: 'root@example.com' }, ['ADMIN_EMAIL', 'ADMIN_PASSWORD']],
    [{ ADMIN_PASSWORD: 'sekret sekret sekret' }, ['ADMIN_PASSWORD', 'ADMIN_EMAIL']],
    [{ SESSION_IDLE_MINUTES: '61', SESSION_LIFETIME_HOURS: '1' }, ['SESSION_IDLE_MINUTES', 'SESSION_LIFETIME_HOURS']],
    [{ METRICS_PORT: '9464', METRICS_HOST: '0.0.0.0' }, ['METRICS_HOST', 'METRICS_TOKEN']],
    [{ MAX_ALIASES: '300', MAX_SELECTIONS: '299' }, ['MAX_ALIASES', 'MAX_SELECTIONS']],
    [{ MAX_DIRECTIVES: '251', MAX_SELECTIONS: '250' }, ['MAX_DIRECTIVES', 'MAX_SELECTIONS']],
    [{ MAX_FRAGMENTS: '143', MAX_TOKENS: '1000' }, ['MAX_FRAGMENTS', 'MAX_TOKENS']],
    [{ MAX_ROOT_FIELDS: '91', MAX_COST: '1000' }, ['MAX_ROOT_FIELDS', 'MAX_COST']],
    [{ APP_URL: 'http://api.example.com' }, ['APP_URL', 'https']],
    [{ APP_URL: 'http://127.0.0.1.example.com' }, ['APP_URL', 'https']],
    [{ APP_URL: 'http://localhost.example.com' }, ['APP_URL', 'https']],
  ])('%j is refused, and both sides are named', (env, names) => {
    const message = complaint(env as Record<string, string>);
    for (const name of names) {
      expect(message).toContain(name);
    }
    expect(message).not.toContain('sekret');
  });

  test('several are told at once', () => {
    const message = complaint({ ADMIN_EMAIL: 'root@example.com', APP_URL: 'http://api.example.com' });
    expect(message.split('\n')).toHaveLength(2);
  });
});
