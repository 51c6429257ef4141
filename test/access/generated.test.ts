import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { buildSchema, isObjectType } from 'graphql';
import { accessLock } from '../../src/access/lock.js';
import { findOperations } from '../../src/access/operations.js';
import { printGuardedSchema } from '../../src/access/sdl.js';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';

const { schema, tree } = guardedSchema(modules);

describe('the access lock', () => {
  test('is the one that is committed', () => {
    expect(accessLock(tree)).toBe(readFileSync('schema/access.lock', 'utf8'));
  });

  test('has one line a coordinate, sorted, and open lines carry their reason', () => {
    const lines = accessLock(tree).trimEnd().split('\n').slice(1);
    expect(lines.map((line) => line.split(':')[0])).toEqual([...tree.fields.keys()].sort());
    expect(lines.filter((line) => /\bopen\(\s*\)/.test(line))).toEqual([]);
    expect(lines).toContain('Mutation.updatePost: tokenCan(post:update) & policy(Post.update)');
  });
});

describe('the SDL', () => {
  const sdl = printGuardedSchema(schema, tree);

  test('is the one that is committed, and a schema', () => {
    expect(sdl).toBe(readFileSync('schema/schema.graphql', 'utf8'));
    expect(() => buildSchema(sdl)).not.toThrow();
  });

  test('Z0: guards every field of every object type', () => {
    for (const type of Object.values(buildSchema(sdl).getTypeMap())) {
      if (isObjectType(type) && !type.name.startsWith('__')) {
        for (const field of Object.values(type.getFields())) {
          expect([type.name, field.name, field.astNode?.directives?.map(({ name }) => name.value)]).toEqual([
            type.name,
            field.name,
            ['guard'],
          ]);
        }
      }
    }
  });

  test('says abilities, policy, credential and reason', () => {
    expect(sdl).toContain('): Post! @guard(abilities: [["post:update"]], policy: "Post.update", credential: ANY)');
    expect(sdl).toContain('@guard(credential: SESSION, conditions: ["apiEnabled"])');
    expect(sdl).toContain('@guard(open: "anyone may ask whether the API is on")');
  });

  test('ends the description of a guarded field with what it needs', () => {
    const { description } = schema.getMutationType()?.getFields().updatePost ?? {};
    expect(description).toBe(
      'Changes the title, the text or the state of a post. Requires `post:update`. Only the author or an administrator.',
    );
    expect(schema.getQueryType()?.getFields().viewer?.description).toBe(
      'Who is asking: a guest, a session or a token.',
    );
  });
});

describe('operations in files', () => {
  test('find their fragments in other files, and tell what is wrong by file', () => {
    const [good, bad] = findOperations(
      schema,
      [
        { name: 'a.graphql', text: 'query Good { posts { nodes { ...Row } } }' },
        {
          name: 'b.graphql',
          text: 'fragment Row on Post { id author { ...Person } } fragment Person on User { name }',
        },
        { name: 'c.graphql', text: 'query Bad { nowhere ...Missing }' },
      ],
      { maxTokens: 100, rules: [] },
    );
    expect(Object.keys(good?.fragments ?? {})).toEqual(['Row', 'Person']);
    expect(good?.errors).toEqual([]);
    expect(bad?.file).toBe('c.graphql');
    expect(bad?.errors.map((error) => error.message.split(' on type')[0]).sort()).toEqual([
      'Cannot query field "nowhere"',
      'Unknown fragment "Missing".',
    ]);
  });
});
