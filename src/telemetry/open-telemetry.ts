import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { type ExportResult, ExportResultCode, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ConsoleSpanExporter,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { statementFacts } from './statement.js';
import type { TraceSettings } from './trace-settings.js';
import type { RequestTrace, TracedOperation, TracedRequest, Traces } from './traces.js';

/** Where the database is, as far as statements should tell. */
export interface DatabasePlace {
  readonly host: string | null;
  readonly port: number | null;
  readonly name: string | null;
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const propagator = new W3CTraceContextPropagator();
const fromHeaders = {
  get: (headers: TracedRequest['headers'], name: string) => headers[name],
  keys: (headers: TracedRequest['headers']) => Object.keys(headers),
};
const closeMs = 2_000;

/** Spans as the semantic conventions for HTTP, GraphQL and databases name them, by way of the OpenTelemetry SDK. */
export class OpenTelemetryTraces implements Traces {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  readonly #database: Attributes;

  constructor(
    settings: TraceSettings,
    version: string,
    { host, port, name }: DatabasePlace,
    onFailure: (error: unknown) => void,
  ) {
    this.#provider = new TracerProvider({
      resource: defaultResource().merge(
        resourceFromAttributes({
          ...settings.resource,
          'service.name': settings.serviceName,
          'service.version': settings.resource['service.version'] ?? version,
        }),
      ),
      sampler: samplerOf(settings),
      spanLimits: { attributeValueLengthLimit: 2_000 },
      spanProcessors: [new BatchSpanProcessor({ exporter: reporting(exporterOf(settings), onFailure) })],
    });
    this.#tracer = this.#provider.getTracer('latchkey', version);
    this.#database = {
      'db.system.name': 'postgresql',
      ...(name === null ? {} : { 'db.namespace': name }),
      ...(host === null ? {} : { 'server.address': host }),
      ...(port === null ? {} : { 'server.port': port }),
    };
  }

  begin(request: TracedRequest): RequestTrace {
    const method = methods.has(request.method) ? request.method : '_OTHER';
    const parent = propagator.extract(ROOT_CONTEXT, request.headers, fromHeaders);
    const span = this.#tracer.startSpan(
      request.route === null ? method : `${method} ${request.route}`,
      {
        kind: SpanKind.SERVER,
        attributes: {
          'http.request.method': method,
          'url.scheme': request.scheme,
          'url.path': request.path,
          'client.address': request.ip,
          'latchkey.request.id': request.id,
          ...(request.route === null ? {} : { 'http.route': request.route }),
        },
      },
      parent,
    );
    return new OpenTelemetryRequest(this.#tracer, this.#database, span);
  }

  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, closeMs);
    });
    await Promise.race([this.#provider.shutdown().catch(() => {}), late]);
    clearTimeout(timer);
  }
}

class OpenTelemetryRequest implements RequestTrace {
  readonly ids: RequestTrace['ids'];
  readonly #own: Context;
  #current: Context;

  constructor(
    private readonly tracer: Tracer,
    private readonly database: Attributes,
    private readonly span: Span,
  ) {
    const { traceId, spanId } = span.spanContext();
    this.ids = { trace_id: traceId, span_id: spanId };
    this.#own = trace.setSpan(ROOT_CONTEXT, span);
    this.#current = this.#own;
  }

  operation(): (operation: TracedOperation) => void {
    const span = this.tracer.startSpan('GraphQL Operation', { kind: SpanKind.INTERNAL }, this.#own);
    this.#current = trace.setSpan(this.#own, span);
    return ({ type, name, error }) => {
      if (type !== undefined) {
        span.updateName(type).setAttribute('graphql.operation.type', type);
      }
      if (name) {
        span.setAttribute('graphql.operation.name', name.slice(0, 100));
      }
      fail(span, error, error === 'INTERNAL_SERVER_ERROR' || error === 'SERVICE_UNAVAILABLE');
      span.end();
      this.#current = this.#own;
    };
  }

  statement(statement: string, since: number, error: string | null): void {
    const { text, operation, table } = statementFacts(statement);
    const span = this.tracer.startSpan(
      table === null ? operation : `${operation} ${table}`,
      {
        kind: SpanKind.CLIENT,
        startTime: since,
        attributes: {
          ...this.database,
          'db.query.text': text,
          'db.operation.name': operation,
          ...(table === null ? {} : { 'db.collection.name': table }),
          ...(error !== null && /^[0-9A-Z]{5}$/.test(error) ? { 'db.response.status_code': error } : {}),
        },
      },
      this.#current,
    );
    fail(span, error ?? undefined, true);
    span.end(performance.now());
  }

  end(status: number): void {
    this.span.setAttribute('http.response.status_code', status);
    fail(this.span, status >= 500 ? String(status) : undefined, true);
    this.span.end();
  }
}

/** An error's kind and never its message, which may hold values. */
function fail(span: Span, error: string | undefined, ours: boolean): void {
  if (error !== undefined) {
    span.setAttribute('error.type', error);
    if (ours) {
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
  }
}

function exporterOf({ exporter, url, headers, timeoutMs }: TraceSettings): SpanExporter {
  return exporter === 'console'
    ? new ConsoleSpanExporter()
    : new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: timeoutMs });
}

/** Tells of exports that fail; the spans are lost, and no request waits for them. */
function reporting(exporter: SpanExporter, onFailure: (error: unknown) => void): SpanExporter {
  return {
    export: (spans, done: (result: ExportResult) => void) =>
      exporter.export(spans, (result) => {
        if (result.code !== ExportResultCode.SUCCESS) {
          onFailure(result.error);
        }
        done({ code: ExportResultCode.SUCCESS });
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}

function samplerOf({ sampler, ratio }: TraceSettings): Sampler {
  const kind = sampler.replace('parentbased_', '');
  const root =
    kind === 'always_on'
      ? new AlwaysOnSampler()
      : kind === 'always_off'
        ? new AlwaysOffSampler()
        : new TraceIdRatioBasedSampler(ratio);
  return sampler.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}
