import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import { actions, Catalogue, wildcard } from '../../src/auth/abilities.js';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';

const says = (title: string) => ({ title, description: `${title}.` });
const small = () =>
  new Catalogue({
    notes: {
      'note:create': says('Write'),
      'note:read': says('Read'),
      'note:update': says('Change'),
      'note:publish': { ...says('Publish'), implies: ['note:update'] },
      'note:archive': { ...says('Archive'), implies: ['note:publish', 'note:read'] },
    },
    rooms: {
      'room:read': says('See'),
      'room:update': { ...says('Move'), adminOnly: true, implies: ['room:read'] },
    },
  });
const user = { isAdministrator: false };
const administrator = { isAdministrator: true };
const effective = (granted: string[], holder = user) => [...small().effective(granted, holder)].sort();

describe('the catalogue', () => {
  test('lists the four coarse abilities before those of the features, each with its group', () => {
    const { entries } = small();
    expect(entries.slice(0, 4).map((entry) => entry.name)).toEqual([...actions]);
    expect(new Set(entries.slice(0, 4).map((entry) => entry.group))).toEqual(new Set(['all']));
    expect(entries.slice(4).map((entry) => [entry.group, entry.name])).toEqual([
      ['notes', 'note:create'],
      ['notes', 'note:read'],
      ['notes', 'note:update'],
      ['notes', 'note:publish'],
      ['notes', 'note:archive'],
      ['rooms', 'room:read'],
      ['rooms', 'room:update'],
    ]);
  });

  test('keeps what a feature says of its ability', () => {
    expect(small().get('note:publish')).toEqual({
      name: 'note:publish',
      title: 'Publish',
      description: 'Publish.',
      group: 'notes',
      implies: ['note:update'],
      adminOnly: false,
    });
    expect(small().get('room:update')?.adminOnly).toBe(true);
  });

  test('a coarse ability brings its action on every resource, and what that brings', () => {
    expect(small().get('read')?.implies).toEqual(['note:read', 'room:read']);
    expect(small().get('update')?.implies).toEqual(['note:update', 'room:update', 'room:read']);
    expect(small().get('delete')?.implies).toEqual([]);
  });

  test('an ability brings what it implies, however far down', () => {
    expect([...(small().get('note:archive')?.implies ?? [])].sort()).toEqual([
      'note:publish',
      'note:read',
      'note:update',
    ]);
  });

  test('abilities that imply each other come together and end', () => {
    const ring = new Catalogue({
      ring: {
        'ring:one': { ...says('One'), implies: ['ring:two'] },
        'ring:two': { ...says('Two'), implies: ['ring:one'] },
      },
    });
    expect(ring.get('ring:one')?.implies).toEqual(['ring:two']);
    expect([...ring.effective(['ring:two'], user)].sort()).toEqual(['ring:one', 'ring:two']);
  });

  test('a feature may imply a coarse ability', () => {
    const catalogue = new Catalogue({
      notes: { 'note:read': says('Read'), 'note:all': { ...says('All'), implies: ['read'] } },
    });
    expect([...catalogue.effective(['note:all'], user)].sort()).toEqual(['note:all', 'note:read', 'read']);
  });

  test.each([
    'posts',
    'post',
    'post:',
    ':read',
    'Post:read',
    'post:Read',
    'post: read',
    ' post:read',
    'post:read ',
    'post:*',
    '*',
    'post:read:all',
    'post.read',
    '1post:read',
    'pöst:read',
    '__proto__:read',
    'constructor',
    '',
  ])('refuses to be built with the name %j', (name) => {
    expect(() => new Catalogue({ posts: { [name]: says('Odd') } })).toThrow('must read resource:action');
  });

  test('refuses an ability that two features declare', () => {
    expect(() => new Catalogue({ a: { 'note:read': says('Read') }, b: { 'note:read': says('Read') } })).toThrow(
      'The ability "note:read" is declared twice.',
    );
  });

  test('refuses an ability that implies one which nothing declares, directly or further down', () => {
    const broken = { 'note:read': { ...says('Read'), implies: ['note:raed'] } };
    expect(() => new Catalogue({ notes: broken })).toThrow(
      'The ability "note:read" implies "note:raed", which nothing declares.',
    );
    expect(
      () => new Catalogue({ notes: { ...broken, 'note:all': { ...says('All'), implies: ['note:read'] } } }),
    ).toThrow('implies "note:raed"');
  });

  test('refuses the wildcard as something implied', () => {
    expect(() => new Catalogue({ notes: { 'note:all': { ...says('All'), implies: [wildcard] } } })).toThrow(
      'implies "*", which nothing declares',
    );
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype', '*', '', 'post:read'])(
    'Z11: knows nothing of %j',
    (name) => {
      expect(small().get(name)).toBeUndefined();
      expect(effective([name].filter((each) => each !== wildcard))).toEqual([]);
    },
  );
});

describe('what a grant is worth today', () => {
  test.each<[string, string[], string[]]>([
    ['nothing', [], []],
    ['one ability', ['note:read'], ['note:read']],
    ['the same ability twice', ['note:read', 'note:read'], ['note:read']],
    ['an ability and what it implies', ['note:archive'], ['note:archive', 'note:publish', 'note:read', 'note:update']],
    ['a coarse ability', ['read'], ['note:read', 'read', 'room:read']],
    ['a coarse ability without what is for administrators', ['update'], ['note:update', 'room:read', 'update']],
    ['nothing for an ability that only administrators may hold', ['room:create'], []],
    ['nothing for names in other spellings', ['Note:read', 'note:READ', ' note:read', 'note:read ', 'READ'], []],
    ['nothing for patterns', ['note:*', '*:read', 'n*', '**', ' *', '* '], []],
    ['nothing for look-alikes', ['note:rеad', 'note\u200b:read', 'note：read'], []],
    ['nothing for names that have left the catalogue', ['comment:read', 'note:fly'], []],
    ['nothing for the names of what every object has', ['__proto__', 'constructor', 'toString'], []],
  ])('%s', (_name, granted, worth) => {
    expect(effective(granted)).toEqual(worth);
  });

  test('an implied ability does not bring the one that implies it', () => {
    expect(effective(['note:update'])).toEqual(['note:update']);
    expect(effective(['note:read'])).not.toContain('read');
  });

  test('the wildcard is worth all that its owner may hold, and itself no ability', () => {
    const everything = small().entries.map((entry) => entry.name);
    expect(effective(['*'], administrator)).toEqual([...everything].sort());
    expect(effective(['*'])).toEqual(everything.filter((name) => name !== 'room:update').sort());
    expect(effective(['note:read', '*'])).toEqual(effective(['*']));
    expect(effective(['*'], administrator)).not.toContain('*');
  });

  test('an owner who is no administrator any more loses at once what only administrators may hold', () => {
    expect(effective(['room:update', 'note:read'], administrator)).toEqual(['note:read', 'room:read', 'room:update']);
    expect(effective(['room:update', 'note:read'], user)).toEqual(['note:read', 'room:read']);
  });

  test('what an administrators-only ability is implied by does not open it to others', () => {
    const catalogue = new Catalogue({
      doors: {
        'door:open': { ...says('Open'), implies: ['door:break'] },
        'door:break': { ...says('Break'), adminOnly: true },
      },
    });
    expect([...catalogue.effective(['door:open'], user)]).toEqual(['door:open']);
    expect([...catalogue.effective(['door:open'], administrator)].sort()).toEqual(['door:break', 'door:open']);
  });

  test('a user may hold everything but what is for administrators', () => {
    const all = small().entries.map((entry) => entry.name);
    expect(small().holdable(administrator)).toEqual(all);
    expect(small().holdable(user)).toEqual(all.filter((name) => name !== 'room:update'));
  });
});

describe('the abilities of this server', () => {
  const { catalogue, tree } = guardedSchema(modules);

  test.each(catalogue.entries)('$name has a title and a sentence', ({ title, description, group }) => {
    expect(title).toMatch(/^[A-Z].*[^.]$/);
    expect(description).toMatch(/^[A-Z].*\.$/);
    expect(group).not.toBe('');
  });

  test('nobody but administrators can hold the abilities of the settings', () => {
    expect(catalogue.entries.filter((entry) => entry.adminOnly).map((entry) => entry.name)).toEqual([
      'settings:read',
      'settings:update',
    ]);
    expect([...catalogue.effective(['*', 'read', 'update', 'settings:update'], user)].sort()).not.toContain(
      'settings:update',
    );
  });

  test('every ability unlocks something, and the coarse ones what their fine ones unlock', () => {
    const idle = catalogue.entries.filter(({ name, implies }) => tree.unlockedBy(name, implies).length === 0);
    expect(idle.map((entry) => entry.name)).toEqual([]);
    expect(tree.unlockedBy('post:update', [])).toEqual(['Mutation.updatePost']);
    const read = catalogue.get('read');
    expect(tree.unlockedBy('read', read?.implies ?? [])).toEqual(
      expect.arrayContaining(['ApiSettings.updatedAt', 'Post.title', 'Query.posts', 'User.name']),
    );
    expect(tree.unlockedBy('nothing:known', [])).toEqual([]);
  });
});
