import type { Module } from '../module.js';
import { AccountResolver } from './account.resolver.js';
import { AdministrationResolver } from './administration.resolver.js';
import { userAbilities } from './user.abilities.js';
import { User } from './user.entity.js';
import { UserPolicy } from './user.policy.js';
import { UserResolver } from './user.resolver.js';

/** Accounts: who has one, how it is made, changed and deleted. Signing in and out is the sessions' part. */
export const users: Module = {
  name: 'users',
  entities: [User],
  resolvers: [UserResolver, AccountResolver, AdministrationResolver],
  abilities: userAbilities,
  nodes: [{ type: 'User', policy: UserPolicy }],
};
