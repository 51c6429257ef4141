import type { Module } from '../module.js';
import { PlanResolver } from './plan.resolver.js';

/** What a document would need, told before it is sent. */
export const plans: Module = {
  name: 'plans',
  resolvers: [PlanResolver],
};
