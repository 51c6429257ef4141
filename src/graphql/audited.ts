import type { GraphQLSchema } from 'graphql';
import { Extensions } from 'type-graphql';
import type { AuditAction } from '../auth/audit-event.entity.js';
import type { Refusal } from '../errors.js';
import type { Context } from './context.js';

const key = 'audited';

/** Says as what a mutation is written down when it is refused before it runs; what it does, it writes down itself. */
export function Audited(action: AuditAction): MethodDecorator {
  return Extensions({ [key]: action });
}

/** The actions of the mutations among these coordinates. */
function auditedActions(schema: GraphQLSchema, coordinates: Iterable<string>): Set<AuditAction> {
  const fields = schema.getMutationType()?.getFields() ?? {};
  const actions = new Set<AuditAction>();
  for (const coordinate of coordinates) {
    const [type, name = ''] = coordinate.split('.');
    const action = type === schema.getMutationType()?.name ? fields[name]?.extensions[key] : undefined;
    if (action !== undefined) {
      actions.add(action as AuditAction);
    }
  }
  return actions;
}

/** Writes down that someone who is known asked for changes that the preflight refused; guests are nobody to tell of. */
export function noteRefused(
  schema: GraphQLSchema,
  plan: readonly { readonly coordinate: string }[],
  context: Context,
  { code }: Refusal,
): void {
  if (context.principal.user === null) {
    return;
  }
  const coordinates = plan.map(({ coordinate }) => coordinate);
  for (const action of auditedActions(schema, coordinates)) {
    context.services.refusals.note(context.auditSource, { action, code, subject: null });
  }
}
