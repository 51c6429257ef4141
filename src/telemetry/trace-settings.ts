import { z } from 'zod';

/** Where spans go, and which of them. */
export interface TraceSettings {
  readonly exporter: 'otlp' | 'console';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly serviceName: string;
  readonly resource: Readonly<Record<string, string>>;
  readonly sampler: (typeof samplers)[number];
  /** The share of traces that a ratio keeps. */
  readonly ratio: number;
}

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

const endpoint = z.string().refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'must be an http URL');

/** `a=1,b=2`, percent-encoded, as W3C Baggage writes it. */
const pairs = z.string().transform((text, context) => {
  const record: Record<string, string> = {};
  for (const pair of text.split(',').filter((each) => each.trim() !== '')) {
    const at = pair.indexOf('=');
    const [key, value] = [decoded(pair.slice(0, at)), decoded(pair.slice(at + 1))];
    if (at < 1 || !key || value === null) {
      context.addIssue({ code: 'custom', message: 'must be pairs such as key=value, separated by commas' });
      return z.NEVER;
    }
    record[key] = value;
  }
  return record;
});

const milliseconds = z
  .string()
  .regex(/^[1-9]\d{0,5}$/, 'must be a number of milliseconds, 999999 at most')
  .transform(Number);

const protocol = z.enum(['http/json'], { error: 'must be http/json' }).optional();

/** The variables of the OpenTelemetry specification that hold here: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
export const traceVariables = {
  OTEL_TRACES_EXPORTER: z
    .enum(['otlp', 'console', 'none'], { error: 'must be otlp, console or none' })
    .optional()
    .describe('Where traces go: `otlp`, `console` or `none`; `otlp` when there is an endpoint, else `none`.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.optional().describe('Base URL of the collector of OpenTelemetry.'),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint.optional().describe('Its whole URL for traces, instead of the base.'),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol.describe('How the collector is spoken to; `http/json` is what there is.'),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol.describe('The same for traces.'),
  OTEL_EXPORTER_OTLP_HEADERS: pairs
    .optional()
    .describe('Headers for the collector, as `key=value` with commas between.'),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: pairs.optional().describe('More of them for traces.'),
  OTEL_EXPORTER_OTLP_TIMEOUT: milliseconds.optional().describe('Milliseconds for one export; 10000 unless set.'),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: milliseconds.optional().describe('The same for traces.'),
  OTEL_SERVICE_NAME: z
    .string()
    .max(255, 'must have at most 255 characters')
    .optional()
    .describe('Name of this service in traces; `latchkey` unless set.'),
  OTEL_RESOURCE_ATTRIBUTES: pairs
    .optional()
    .describe('Attributes of this instance, as `key=value` with commas between.'),
  OTEL_TRACES_SAMPLER: z
    .enum(samplers, { error: `must be one of ${samplers.join(', ')}` })
    .default('parentbased_always_on')
    .describe('Which traces are kept: `always_on`, `always_off`, `traceidratio`, or these with `parentbased_` before.'),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0(\.\d{1,9})?|1(\.0{1,9})?)$/, 'must be a share between 0 and 1')
    .default('1')
    .describe('The share of traces that `traceidratio` keeps.'),
  OTEL_SDK_DISABLED: z
    .stringbool({ truthy: ['true'], falsy: ['false'], error: 'must be true or false' })
    .optional()
    .describe('`true` switches traces off whatever else is set.'),
};

/** What the variables come to; null when nobody collects traces. */
export function traceSettings(vars: z.output<z.ZodObject<typeof traceVariables>>): TraceSettings | null {
  const base = vars.OTEL_EXPORTER_OTLP_ENDPOINT;
  const whole = vars.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  const exporter = vars.OTEL_TRACES_EXPORTER ?? (base === undefined && whole === undefined ? 'none' : 'otlp');
  if (exporter === 'none' || vars.OTEL_SDK_DISABLED === true) {
    return null;
  }
  const { 'service.name': named, ...resource } = vars.OTEL_RESOURCE_ATTRIBUTES ?? {};
  return {
    exporter,
    url: whole ?? `${(base ?? 'http://localhost:4318').replace(/\/$/, '')}/v1/traces`,
    headers: { ...vars.OTEL_EXPORTER_OTLP_HEADERS, ...vars.OTEL_EXPORTER_OTLP_TRACES_HEADERS },
    timeoutMs: vars.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT ?? vars.OTEL_EXPORTER_OTLP_TIMEOUT ?? 10_000,
    serviceName: vars.OTEL_SERVICE_NAME ?? named ?? 'latchkey',
    resource,
    sampler: vars.OTEL_TRACES_SAMPLER,
    ratio: Number(vars.OTEL_TRACES_SAMPLER_ARG),
  };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return null;
  }
}
