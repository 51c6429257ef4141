import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { traceSettings, traceVariables } from './telemetry/trace-settings.js';
import { databaseUrl, integer, list, network, origin, redisUrl } from './variable-kinds.js';

/** The value of DATA_DIR for a database that lives and dies with the process. */
export const inMemory = ':memory:';

/** The one table of environment variables; `describe` is what the README prints. */
export const environment = z.object({
  NODE_ENV: z
    .enum(['development', 'production', 'test'], { error: 'must be development, production or test' })
    .default('development')
    .describe('`production` closes introspection to guests, marks the session cookie Secure and logs at `info`.'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
  PORT: integer(0, 65_535).default(4000).describe('Port to listen on; 0 takes a free one.'),
  APP_URL: origin.optional().describe('The public origin of this server, when it stands behind a proxy or a name.'),
  ALLOWED_ORIGINS: list
    .pipe(z.array(origin))
    .describe('Further origins, separated by commas, whose pages may use a session.'),
  TRUST_PROXY: list
    .pipe(z.array(network))
    .describe('Addresses or networks of the proxies whose `X-Forwarded-For` is believed, separated by commas.'),
  DATABASE_URL: databaseUrl.optional().describe('PostgreSQL to use instead of the embedded database.'),
  DATABASE_POOL_SIZE: integer(2, 500)
    .default(10)
    .describe(
      'Connections to PostgreSQL an instance may hold, besides two that it keeps for credentials and `/readyz`.',
    ),
  DATA_DIR: z
    .string()
    .min(1)
    .default('.data')
    .describe('Where the embedded database lives; `:memory:` keeps it in memory only.'),
  REDIS_URL: redisUrl
    .optional()
    .describe('Redis for the counters of failed logins and of points, when several instances share them.'),
  CONSOLE: z
    .string()
    .min(1)
    .default('on')
    .describe('The web console at `/`: `on`, `off` for the API alone, or the folder of another build of it.'),
  PLAYGROUND: z
    .enum(['on', 'users', 'off'], { error: 'must be on, users or off' })
    .default('on')
    .describe('The Playground of the console: `on` for everyone, `users` for those who sign in, or `off`.'),
  ADMIN_EMAIL: z
    .email('must be an e-mail address')
    .optional()
    .describe('Administrator to create at every start at which no account has this address, with ADMIN_PASSWORD.'),
  ADMIN_PASSWORD: z
    .string()
    .min(8, 'must have at least 8 characters')
    .max(256, 'must have at most 256 characters')
    .optional()
    .describe(
      'Password of that administrator, 8 characters or more and none of the commonest; an existing account keeps its own.',
    ),
  TOKEN_PREFIX: z
    .string()
    .regex(/^[a-z][a-z0-9]{0,15}$/, 'must be 1 to 16 lower-case letters and digits, a letter first')
    .default('lk')
    .describe('First part of every token, for secret scanners.'),
  TOKENS_PER_USER: integer(1, 10_000).default(100).describe('Tokens a user may hold.'),
  SESSION_IDLE_MINUTES: integer(1, 43_200)
    .default(120)
    .describe('A session ends after so many minutes without a request.'),
  SESSION_LIFETIME_HOURS: integer(1, 8_760)
    .default(24 * 14)
    .describe('A session ends after so many hours in any case.'),
  AUDIT_RETENTION_DAYS: integer(0, 36_500)
    .default(400)
    .describe('Days that audit events are kept; 0 keeps them for ever.'),
  LOGIN_ATTEMPTS_PER_MINUTE: integer(1, 10_000)
    .default(5)
    .describe('Failed passwords a minute for one e-mail address.'),
  LOGIN_ATTEMPTS_PER_ADDRESS: integer(1, 100_000)
    .default(50)
    .describe('Failed passwords a minute from one network address.'),
  REGISTRATIONS_PER_ADDRESS: integer(1, 100_000)
    .default(60)
    .describe('New accounts a minute from one network address.'),
  MAX_EVENT_LOOP_DELAY_MS: integer(0, 60_000)
    .default(1_000)
    .describe('Milliseconds by which the event loop may lag before requests are turned away with 503; 0 for no limit.'),
  MAX_REQUESTS_AT_ONCE: integer(10, 100_000)
    .default(1_000)
    .describe('Requests that an instance works on at a time; further ones are turned away with 503.'),
  METRICS_PORT: integer(0, 65_535)
    .optional()
    .describe('Port of `/metrics` for Prometheus, apart from that of the API; 0 takes a free one.'),
  METRICS_HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address of METRICS_PORT; one beyond this machine needs METRICS_TOKEN.'),
  METRICS_TOKEN: z
    .string()
    .regex(/^[!-~]{16,256}$/, 'must have 16 to 256 visible characters')
    .optional()
    .describe('Bearer token that `/metrics` asks for; without METRICS_PORT it is served beside the API.'),
  MAX_TOKENS: integer(300, 10_000)
    .default(1_000)
    .describe('Tokens that a document may have: names, numbers, texts, signs.'),
  MAX_FRAGMENTS: integer(5, 500).default(50).describe('Fragments that a document may define.'),
  MAX_DIRECTIVES: integer(0, 500).default(10).describe('Directives that an operation may have.'),
  MAX_DEPTH: integer(4, 25)
    .default(8)
    .describe('Levels of fields that an operation may have; introspection has a limit of its own, 16.'),
  MAX_ALIASES: integer(1, 500).default(15).describe('Aliases that an operation may have, at all levels together.'),
  MAX_ROOT_FIELDS: integer(2, 100)
    .default(10)
    .describe('Fields of the query or the mutation itself that an operation may select.'),
  MAX_SELECTIONS: integer(250, 10_000)
    .default(1_000)
    .describe('Selections that an operation may have, those of fragments as often as they are spread.'),
  MAX_COST: integer(1_000, 1_000_000)
    .default(5_000)
    .describe('Points that an operation may cost; about as many as its answer may hold objects.'),
  COST_PER_MINUTE: integer(0, 999_999_999)
    .default(300_000)
    .describe('Points a minute for all tokens of an account together, and again for its sessions; 0 for no limit.'),
  COST_PER_MINUTE_GUEST: integer(0, 999_999_999)
    .default(60_000)
    .describe('Points a minute for all guests of a network address together; 0 for no limit.'),
  DRAIN_SECONDS: integer(0, 60)
    .default(0)
    .describe(
      'After SIGTERM, seconds of serving on while `/readyz` says 503, so that a load balancer turns away first.',
    ),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be fatal, error, warn, info, debug, trace or silent',
    })
    .optional()
    .describe('Level of the log on standard output; `info` in production, `warn` elsewhere.'),
  ...traceVariables,
});

/** A configuration that stops the start; the message names each variable and never repeats its value. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

export type Config = Readonly<ReturnType<typeof parse>>;

/** Reads the environment once; throws a {@link ConfigError} that names every bad variable. */
export function loadConfig(env: Record<string, string | undefined> = process.env): Config {
  return Object.freeze(parse(env));
}

function parse(env: Record<string, string | undefined>) {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = environment.safeParse(present);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}.`);
    throw new ConfigError([...new Set(problems)].join('\n'));
  }
  const vars = result.data;
  const contradictions = findContradictions(vars);
  if (contradictions.length > 0) {
    throw new ConfigError(contradictions.join('\n'));
  }
  const publicUrl = vars.APP_URL === undefined ? undefined : new URL(vars.APP_URL);
  const insecureCookie =
    publicUrl === undefined ? vars.NODE_ENV !== 'production' && isLoopback(vars.HOST) : publicUrl.protocol === 'http:';
  return {
    mode: vars.NODE_ENV,
    host: vars.HOST,
    port: vars.PORT,
    publicOrigin: publicUrl?.origin,
    allowedOrigins: vars.ALLOWED_ORIGINS,
    trustProxy: vars.TRUST_PROXY,
    databaseUrl: vars.DATABASE_URL,
    databasePoolSize: vars.DATABASE_POOL_SIZE,
    dataDir: vars.DATA_DIR === inMemory ? inMemory : resolve(vars.DATA_DIR),
    redisUrl: vars.REDIS_URL,
    console: consoleSetting(vars.CONSOLE),
    playground: vars.PLAYGROUND,
    administrator:
      vars.ADMIN_EMAIL !== undefined && vars.ADMIN_PASSWORD !== undefined
        ? { email: vars.ADMIN_EMAIL, password: vars.ADMIN_PASSWORD }
        : undefined,
    tokenPrefix: vars.TOKEN_PREFIX,
    tokensPerUser: vars.TOKENS_PER_USER,
    session: {
      idleMs: vars.SESSION_IDLE_MINUTES * 60_000,
      lifetimeMs: vars.SESSION_LIFETIME_HOURS * 3_600_000,
      secure: !insecureCookie,
    },
    loginAttemptsPerMinute: vars.LOGIN_ATTEMPTS_PER_MINUTE,
    loginAttemptsPerAddress: vars.LOGIN_ATTEMPTS_PER_ADDRESS,
    registrationsPerAddress: vars.REGISTRATIONS_PER_ADDRESS,
    overload: {
      maxEventLoopDelayMs: vars.MAX_EVENT_LOOP_DELAY_MS,
      maxRequestsAtOnce: vars.MAX_REQUESTS_AT_ONCE,
    },
    metrics:
      vars.METRICS_PORT === undefined && vars.METRICS_TOKEN === undefined
        ? null
        : { port: vars.METRICS_PORT ?? null, host: vars.METRICS_HOST, token: vars.METRICS_TOKEN ?? null },
    /** What a request may ask for at most. */
    limits: {
      tokens: vars.MAX_TOKENS,
      fragments: vars.MAX_FRAGMENTS,
      directives: vars.MAX_DIRECTIVES,
      depth: vars.MAX_DEPTH,
      aliases: vars.MAX_ALIASES,
      rootFields: vars.MAX_ROOT_FIELDS,
      selections: vars.MAX_SELECTIONS,
      cost: vars.MAX_COST,
    },
    costPerMinute: { perAccount: vars.COST_PER_MINUTE, perGuest: vars.COST_PER_MINUTE_GUEST },
    traces: traceSettings(vars),
    drainMs: vars.DRAIN_SECONDS * 1_000,
    auditRetentionDays: vars.AUDIT_RETENTION_DAYS,
    logLevel: vars.LOG_LEVEL ?? (vars.NODE_ENV === 'production' ? 'info' : 'warn'),
  };
}

/** Where the build puts the console, beside the compiled server. */
const builtConsole = fileURLToPath(new URL('../console', import.meta.url));

/** The folder of the console, and whether the start stops when it is not there; null without a console. */
function consoleSetting(value: string): { folder: string; required: boolean } | null {
  if (value === 'off') {
    return null;
  }
  return value === 'on' ? { folder: builtConsole, required: false } : { folder: resolve(value), required: true };
}

/** The shortest fragment: `fragment A on B { c }`. */
const tokensOfFragment = 7;

/** A mutation that answers one object, as graphql/cost.ts prices it. */
const pointsOfMutation = 11;

function findContradictions(vars: z.infer<typeof environment>): string[] {
  const problems: string[] = [];
  if (vars.ADMIN_EMAIL !== undefined && vars.ADMIN_PASSWORD === undefined) {
    problems.push('ADMIN_EMAIL is set without ADMIN_PASSWORD: set both or neither.');
  }
  if (vars.ADMIN_PASSWORD !== undefined && vars.ADMIN_EMAIL === undefined) {
    problems.push('ADMIN_PASSWORD is set without ADMIN_EMAIL: set both or neither.');
  }
  if (vars.SESSION_IDLE_MINUTES > vars.SESSION_LIFETIME_HOURS * 60) {
    problems.push('SESSION_IDLE_MINUTES is longer than SESSION_LIFETIME_HOURS allows a session to live.');
  }
  if (vars.METRICS_PORT !== undefined && vars.METRICS_TOKEN === undefined && !isLoopback(vars.METRICS_HOST)) {
    problems.push('METRICS_HOST is open to other machines: set METRICS_TOKEN too.');
  }
  for (const name of ['MAX_ALIASES', 'MAX_DIRECTIVES'] as const) {
    if (vars[name] > vars.MAX_SELECTIONS) {
      problems.push(`${name} is more than MAX_SELECTIONS lets an operation have.`);
    }
  }
  if (vars.MAX_FRAGMENTS * tokensOfFragment > vars.MAX_TOKENS) {
    problems.push('MAX_FRAGMENTS is more than MAX_TOKENS lets a document define.');
  }
  if (vars.MAX_ROOT_FIELDS * pointsOfMutation > vars.MAX_COST) {
    problems.push('MAX_COST is less than as many mutations cost as MAX_ROOT_FIELDS allows.');
  }
  if (vars.APP_URL?.startsWith('http:') && !isLoopback(new URL(vars.APP_URL).hostname)) {
    problems.push('APP_URL must be https: a session cookie over plain http is only for this machine itself.');
  }
  if (vars.ALLOWED_ORIGINS.some((each) => each.startsWith('http:') && !isLoopback(new URL(each).hostname))) {
    problems.push(
      'ALLOWED_ORIGINS must be https: whoever stands between could put a script into a page of plain http.',
    );
  }
  return problems;
}

/** Whether a host name means this machine itself. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
