import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { alternatives, type Denial, refusal } from '../../src/access/denial.js';
import { apiTokenId } from '../../src/auth/api-token-id.js';

describe('alternatives of abilities', () => {
  test.each<[string, string[][], string[][]]>([
    ['nothing needs nothing', [], [[]]],
    ['one', [['a']], [['a']]],
    ['all of several', [['b'], ['a']], [['a', 'b']]],
    ['the same twice', [['a'], ['a']], [['a']]],
    ['any of two', [['a', 'b']], [['a'], ['b']]],
    [
      'one and any of two',
      [['a'], ['b', 'c']],
      [
        ['a', 'b'],
        ['a', 'c'],
      ],
    ],
    ['one that is among any of two', [['a'], ['a', 'b']], [['a']]],
    ['any of two, one of which is needed anyway', [['a', 'b'], ['a']], [['a']]],
    [
      'any of two, twice',
      [
        ['a', 'b'],
        ['b', 'a'],
      ],
      [['a'], ['b']],
    ],
    [
      'any of two and any of two others',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
      [
        ['a', 'c'],
        ['a', 'd'],
        ['b', 'c'],
        ['b', 'd'],
      ],
    ],
    [
      'two choices that share one',
      [
        ['a', 'b'],
        ['b', 'c'],
      ],
      [['a', 'c'], ['b']],
    ],
    ['what cannot be satisfied', [['a'], []], []],
    ['names that every object has', [['__proto__'], ['constructor']], [['__proto__', 'constructor']]],
  ])('%s', (_name, requirements, expected) => {
    const sorted = (sets: string[][]) => sets.map((set) => set.join(' ')).sort();
    expect(sorted(alternatives(requirements))).toEqual(sorted(expected));
  });

  const requirements = fc.array(fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 3 }), {
    maxLength: 5,
  });

  test('each satisfies every requirement, and none contains another', () => {
    fc.assert(
      fc.property(requirements, (given) => {
        const sets = alternatives(given);
        expect(sets.length).toBeGreaterThan(0);
        for (const set of sets) {
          expect(given.every((requirement) => requirement.some((ability) => set.includes(ability)))).toBe(true);
          expect([...new Set(set)].sort()).toEqual(set);
          const others = sets.filter((other) => other !== set);
          expect(others.some((other) => other.every((ability) => set.includes(ability)))).toBe(false);
        }
      }),
    );
  });

  test('no set that satisfies every requirement is missing', () => {
    fc.assert(
      fc.property(requirements, fc.subarray(['a', 'b', 'c', 'd', 'e']), (given, held) => {
        const satisfies = given.every((requirement) => requirement.some((ability) => held.includes(ability)));
        const listed = alternatives(given).some((set) => set.every((ability) => held.includes(ability)));
        expect(listed).toBe(satisfies);
      }),
    );
  });

  test('at most a hundred are listed, and quickly, however many there are', () => {
    const many = Array.from({ length: 30 }, (_, index) => [`x${index}`, `y${index}`, `z${index}`]);
    const sets = alternatives(many);
    expect(sets).toHaveLength(100);
    expect(sets.every((set) => set.length === 30)).toBe(true);
  });
});

describe('one refusal for all denials', () => {
  const at = (denial: Denial, ...coordinates: string[]) => ({ denial, coordinates });
  const short = (...abilities: string[]): Denial => ({ code: 'INSUFFICIENT_ABILITIES', alternatives: abilities });
  const hypothetical = (...granted: string[]) => ({ kind: 'TOKEN' as const, id: null, granted });
  const uuid = '01a2025c-c21e-7651-aa65-35edfbad985a';

  test.each<[string, Denial[], string]>([
    [
      'a forged request is refused before anything is told',
      [{ code: 'UNAUTHENTICATED' }, { code: 'CSRF_REFUSED' }],
      'CSRF_REFUSED',
    ],
    [
      'who nobody knows is told so first',
      [short('a'), { code: 'API_DISABLED' }, { code: 'UNAUTHENTICATED' }],
      'UNAUTHENTICATED',
    ],
    [
      'a token is told that it is the wrong credential before what it lacks',
      [short('a'), { code: 'SESSION_REQUIRED' }],
      'SESSION_REQUIRED',
    ],
    ['that the API is off comes before what a token lacks', [short('a'), { code: 'API_DISABLED' }], 'API_DISABLED'],
    ['what a token lacks comes before who its owner is', [{ code: 'FORBIDDEN' }, short('a')], 'INSUFFICIENT_ABILITIES'],
    ['who its owner is comes last', [{ code: 'FORBIDDEN', message: 'Only an administrator.' }], 'FORBIDDEN'],
  ])('%s', (_name, denials, code) => {
    for (const order of [denials, [...denials].reverse()]) {
      const error = refusal(
        order.map((denial) => at(denial, 'Query.any')),
        [['a']],
        hypothetical(),
      );
      expect(error.extensions.code).toBe(code);
    }
  });

  test('missing abilities are listed once, sorted, with every coordinate that needs them', () => {
    const error = refusal(
      [
        at(short('post:update'), 'Mutation.updatePost'),
        at(short('post:read'), 'Post.title', 'Post.id'),
        at(short('post:read'), 'Post.id', 'Query.post'),
      ],
      alternatives([['post:update'], ['post:read'], ['user:read']]),
      hypothetical('user:read', 'a:granted'),
    );
    expect(error.extensions).toEqual({
      code: 'INSUFFICIENT_ABILITIES',
      required: [['post:read', 'post:update', 'user:read']],
      granted: ['a:granted', 'user:read'],
      missing: ['post:read', 'post:update'],
      coordinates: ['Mutation.updatePost', 'Post.id', 'Post.title', 'Query.post'],
    });
    expect(error.message).toBe(
      'This token lacks `post:read`, `post:update` for Mutation.updatePost, Post.id, Post.title, Query.post.',
    );
  });

  test('where any of several abilities would do, all ways are required and the first is called missing', () => {
    const error = refusal([at(short('a', 'b'), 'Query.either')], alternatives([['a', 'b'], ['c']]), hypothetical('c'));
    expect(error.extensions).toMatchObject({
      required: [
        ['a', 'c'],
        ['b', 'c'],
      ],
      missing: ['a'],
    });
  });

  test('a token that is stored is told where its owner can add what is missing', () => {
    const denials = [at(short('b', 'c'), 'Query.either'), at(short('a'), 'Query.any')];
    const error = refusal(denials, [['b', 'c'], ['a']], { kind: 'TOKEN', id: uuid, granted: [] });
    expect(error.extensions.fix).toBe(`/tokens/${apiTokenId.encode(uuid)}?missing=a,b`);
    expect(refusal(denials, [['b', 'c'], ['a']], hypothetical()).extensions).not.toHaveProperty('fix');
  });

  test('nothing of abilities is told along with another refusal', () => {
    const error = refusal([at(short('a'), 'Query.any'), at({ code: 'UNAUTHENTICATED' }, 'Query.other')], [['a']], {
      kind: 'TOKEN',
      id: uuid,
      granted: ['b'],
    });
    expect(error.extensions).toEqual({ code: 'UNAUTHENTICATED' });
  });
});
