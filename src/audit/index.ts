import type { Module } from '../module.js';
import { AuditEventPolicy } from './audit-event.policy.js';
import { AuditEventResolver } from './audit-event.resolver.js';

/** What was changed and what was refused, to read; `auth/audit.ts` writes it down, in the unit of work of each change. */
export const audit: Module = {
  name: 'audit',
  resolvers: [AuditEventResolver],
  nodes: [{ type: 'AuditEvent', policy: AuditEventPolicy }],
};
