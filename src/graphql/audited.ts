import type { GraphQLSchema } from 'graphql';
import { Extensions } from 'type-graphql';
import type { PlanEntry } from '../access/plan.js';
import { counted } from '../access/preflight.js';
import type { AuditAction } from '../auth/audit-event.entity.js';
import type { Refusal } from '../errors.js';
import type { Context } from './context.js';

const key = 'audited';

/** Says as what a mutation is written down when it is refused before it runs; what it does, it writes down itself. */
export function Audited(action: AuditAction): MethodDecorator {
  return Extensions({ [key]: action });
}

/** Writes down that someone who is known asked for changes that the preflight refused; guests are nobody to tell of. */
export function noteRefused(
  schema: GraphQLSchema,
  plan: readonly PlanEntry[],
  variables: Readonly<Record<string, unknown>>,
  context: Context,
  { code }: Refusal,
): void {
  const audited = context.principal.user === null ? [] : auditedOf(schema, plan);
  if (audited.length === 0) {
    return;
  }
  for (const action of new Set(counted(audited, context, variables).map((entry) => entry.action))) {
    context.services.refusals.note(context.auditSource, { action, code, subject: null });
  }
}

interface AuditedEntry extends PlanEntry {
  readonly action: AuditAction;
}

const found = new WeakMap<readonly PlanEntry[], readonly AuditedEntry[]>();

/** The mutations of a plan that are written down, each with what as. */
function auditedOf(schema: GraphQLSchema, plan: readonly PlanEntry[]): readonly AuditedEntry[] {
  let audited = found.get(plan);
  if (audited === undefined) {
    audited = plan.flatMap((entry) => {
      const action = actionOf(schema, entry);
      return action === undefined ? [] : [{ ...entry, action }];
    });
    found.set(plan, audited);
  }
  return audited;
}

function actionOf(schema: GraphQLSchema, { coordinate }: PlanEntry): AuditAction | undefined {
  const mutation = schema.getMutationType();
  const [type, name = ''] = coordinate.split('.');
  return type === mutation?.name
    ? (mutation?.getFields()[name]?.extensions[key] as AuditAction | undefined)
    : undefined;
}
