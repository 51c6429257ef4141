import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { accessLock } from '../dist/src/access/lock.js';
import { printGuardedSchema } from '../dist/src/access/sdl.js';
import { modules } from '../dist/src/registry.js';
import { guardedSchema } from '../dist/src/schema.js';

const { schema, tree } = guardedSchema(modules);
const folder = new URL('../schema/', import.meta.url);
writeFileSync(new URL('schema.graphql', folder), printGuardedSchema(schema, tree));
writeFileSync(new URL('access.lock', folder), accessLock(tree));
