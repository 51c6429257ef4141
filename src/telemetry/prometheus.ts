import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Ending, Metrics } from './metrics.js';
import {
  type AuthenticationFailure,
  authenticationFailures,
  type RateLimit,
  type Reason,
  rateLimits,
} from './reasons.js';

/** Figures that are asked for when somebody reads the metrics. */
export interface Figures {
  /** Of the package. */
  readonly version: string;
  passwordQueue(): { readonly running: number; readonly waiting: number };
  /** Null where the database has no connections. */
  readonly pool: (() => PoolFigures) | null;
}

/** Connections to PostgreSQL, and requests that wait for one. */
export interface PoolFigures {
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
  readonly limit: number;
}

/** Codes that say by themselves why a credential did not do. */
const reasonOfCode: Readonly<Record<string, AuthenticationFailure>> = {
  API_DISABLED: 'api_disabled',
  CSRF_REFUSED: 'csrf_refused',
};

/** Seconds; most answers take less than ten milliseconds, and those that check a password about fifty. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Metrics in the form that Prometheus reads: https://prometheus.io/docs/practices/naming/ */
export class PrometheusMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #answers = this.#counter('latchkey_http_requests_total', 'Answers by route and status.', 'route', 'status');
  readonly #requests = this.#counter(
    'latchkey_requests_total',
    'Answers of the GraphQL endpoint by kind of operation, outcome and status.',
    'operation',
    'outcome',
    'status',
  );
  readonly #durations = new Histogram({
    name: 'latchkey_request_duration_seconds',
    help: 'Time from the arrival of a request at the GraphQL endpoint to its answer.',
    labelNames: ['operation', 'outcome'],
    buckets,
    registers: [this.#registry],
  });
  readonly #errors = this.#counter('latchkey_errors_total', 'Errors in answers by code.', 'code');
  readonly #denials = this.#counter('latchkey_denials_total', 'Refused documents by missing ability.', 'ability');
  readonly #failures = this.#counter(
    'latchkey_authentication_failures_total',
    'Credentials that did not do, by reason.',
    'reason',
  );
  readonly #limited = this.#counter('latchkey_rate_limited_total', 'Requests turned away by limit.', 'limit');
  readonly #connections = this.#counter('latchkey_refused_connections_total', 'Connections that sent no request.');
  readonly #lost = this.#counter('latchkey_unhandled_rejections_total', 'Failed promises that requests let go of.');
  readonly #bound = new Map<string, { inc(): void }>();
  readonly #boundDurations = new Map<string, { observe(seconds: number): void }>();

  constructor(figures: Figures, abilities: readonly string[]) {
    for (const ability of abilities) {
      this.#denials.inc({ ability }, 0);
    }
    for (const reason of authenticationFailures) {
      this.#failures.inc({ reason }, 0);
    }
    for (const limit of rateLimits) {
      this.#limited.inc({ limit }, 0);
    }
    this.#gauges(figures);
    collectDefaultMetrics({ register: this.#registry });
  }

  /** The media type of {@link text}. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Everything, as it is now. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  answered(route: string | null, status: number): void {
    this.#count(`http ${route} ${status}`, () => this.#answers.labels(route ?? 'none', String(status)));
  }

  operated({ operation, outcome }: Ending, status: number, seconds: number): void {
    this.#count(`graphql ${operation} ${outcome} ${status}`, () =>
      this.#requests.labels(operation, outcome, String(status)),
    );
    const key = `${operation} ${outcome}`;
    let durations = this.#boundDurations.get(key);
    if (durations === undefined) {
      durations = this.#durations.labels(operation, outcome);
      this.#boundDurations.set(key, durations);
    }
    durations.observe(seconds);
  }

  told(code: string, reason: Reason | null): void {
    this.#count(`error ${code}`, () => this.#errors.labels(code));
    const why = reason ?? reasonOfCode[code];
    if (why !== undefined) {
      this.passedOver(why);
    }
  }

  lacked(abilities: readonly string[]): void {
    for (const ability of abilities) {
      this.#count(`denial ${ability}`, () => this.#denials.labels(ability));
    }
  }

  passedOver(reason: Reason): void {
    if (isRateLimit(reason)) {
      this.#count(`limit ${reason}`, () => this.#limited.labels(reason));
      if (reason.startsWith('login_')) {
        this.passedOver('throttled');
      }
    } else {
      this.#count(`failure ${reason}`, () => this.#failures.labels(reason));
    }
  }

  connectionRefused(): void {
    this.#connections.inc();
  }

  promiseLost(): void {
    this.#lost.inc();
  }

  /** Labels are looked up once; what the closed sets have in all is few. */
  #count(key: string, bind: () => { inc(): void }): void {
    let bound = this.#bound.get(key);
    if (bound === undefined) {
      bound = bind();
      this.#bound.set(key, bound);
    }
    bound.inc();
  }

  #counter<Label extends string>(name: string, help: string, ...labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #gauges({ version, passwordQueue, pool }: Figures): void {
    const gauge = (name: string, help: string, read: () => number) => {
      const registers = [this.#registry];
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    };
    gauge('latchkey_password_hashes_running', 'Passwords being hashed.', () => passwordQueue().running);
    gauge('latchkey_password_hashes_waiting', 'Passwords waiting to be hashed.', () => passwordQueue().waiting);
    if (pool !== null) {
      gauge('latchkey_database_connections_open', 'Connections to PostgreSQL.', () => pool().open);
      gauge('latchkey_database_connections_idle', 'Connections that nobody uses.', () => pool().idle);
      gauge('latchkey_database_connections_limit', 'Connections that there may be.', () => pool().limit);
      gauge('latchkey_database_connections_awaited', 'Statements that wait for a connection.', () => pool().waiting);
    }
    new Gauge({
      name: 'latchkey_build_info',
      help: 'Always 1; the version is in the label.',
      labelNames: ['version'],
      registers: [this.#registry],
    }).set({ version }, 1);
  }
}

function isRateLimit(reason: Reason): reason is RateLimit {
  return (rateLimits as readonly string[]).includes(reason);
}
