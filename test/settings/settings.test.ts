import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { User } from '../../src/users/user.entity.js';
import { type Answer, testServer } from '../helper.js';

const server = testServer();

const enabled = '{ apiSettings { enabled } }';
const all = '{ apiSettings { enabled defaultAbilities maximumTokenLifetimeDays updatedAt } }';
const update = `mutation ($enabled: Boolean, $defaultAbilities: [String!], $days: Int) {
  updateApiSettings(enabled: $enabled, defaultAbilities: $defaultAbilities, maximumTokenLifetimeDays: $days) {
    enabled defaultAbilities maximumTokenLifetimeDays updatedAt
  }
}`;
const switchOff = 'mutation { updateApiSettings(enabled: false) { enabled } }';

const refused = ({ codes, status, data }: Answer) => [codes, status, data];
const row = async () => (await server().sql('select * from api_settings'))[0];

let user: User;
let administrator: User;

beforeAll(async () => {
  user = await server().user();
  administrator = await server().administrator();
});

describe('a new server', () => {
  test('keeps the API for tokens off, and ticks `read` in forms', async () => {
    expect((await server().asGuest().send(enabled)).data).toEqual({ apiSettings: { enabled: false } });
    expect(await row()).toMatchObject({
      enabled: false,
      default_abilities: ['read'],
      maximum_token_lifetime_days: null,
    });
  });
});

describe('apiSettings', () => {
  beforeAll(() => server().api(true));

  test('tells everyone whether the API is on', async () => {
    const clients = [
      server().asGuest(),
      await server().withSession(user),
      await server().actingAs(user, []),
      await server().actingAs(administrator, []),
    ];
    for (const client of clients) {
      expect((await client.send(enabled)).data).toEqual({ apiSettings: { enabled: true } });
    }
  });

  test.each(['defaultAbilities', 'maximumTokenLifetimeDays', 'updatedAt'])(
    'tells %s to administrators only',
    async (field) => {
      const document = `{ apiSettings { enabled ${field} } }`;
      expect((await (await server().withSession(administrator)).send(document)).errors).toBeUndefined();
      for (const granted of [['settings:read'], ['settings:update'], ['read'], ['*']]) {
        expect((await (await server().actingAs(administrator, granted)).send(document)).errors).toBeUndefined();
      }
      expect(refused(await (await server().actingAs(administrator, ['post:read'])).send(document))).toEqual([
        ['INSUFFICIENT_ABILITIES'],
        403,
        undefined,
      ]);
      expect(refused(await server().asGuest().send(document))).toEqual([['UNAUTHENTICATED'], 401, undefined]);
      expect(refused(await (await server().withSession(user)).send(document))).toEqual([['FORBIDDEN'], 403, undefined]);
      for (const granted of [['*'], ['read'], ['settings:read'], ['settings:update']]) {
        const answer = await (await server().actingAs(user, granted)).send(document);
        expect(refused(answer)).toEqual([['INSUFFICIENT_ABILITIES'], 403, undefined]);
      }
    },
  );
});

describe('updateApiSettings', () => {
  beforeEach(() => server().api(true));

  test('Z3: is refused to guests, users and tokens that lack the ability, and changes nothing', async () => {
    const attempts: [string, () => Promise<Answer>, string, number][] = [
      ['a guest', async () => server().asGuest().send(switchOff), 'UNAUTHENTICATED', 401],
      ['a user', async () => (await server().withSession(user)).send(switchOff), 'FORBIDDEN', 403],
      [
        'a user’s token with everything',
        async () => (await server().actingAs(user, ['*'])).send(switchOff),
        'INSUFFICIENT_ABILITIES',
        403,
      ],
      [
        'a user’s token with the very ability',
        async () => (await server().actingAs(user, ['settings:update', 'update', 'read'])).send(switchOff),
        'INSUFFICIENT_ABILITIES',
        403,
      ],
      [
        'an administrator’s token without it',
        async () =>
          (await server().actingAs(administrator, ['read', 'create', 'delete', 'post:update'])).send(switchOff),
        'INSUFFICIENT_ABILITIES',
        403,
      ],
    ];
    const before = await row();
    for (const [who, attempt, code, status] of attempts) {
      const answer = await attempt();
      expect([who, ...refused(answer)]).toEqual([who, [code], status, undefined]);
      expect(await row()).toEqual(before);
    }
  });

  test('Z3: tells an administrator’s token which ability it lacks', async () => {
    const answer = await (await server().actingAs(administrator, ['settings:read'])).send(switchOff);
    expect(answer.errors?.[0]?.extensions).toMatchObject({
      missing: ['settings:update'],
      granted: ['settings:read'],
      coordinates: ['Mutation.updateApiSettings'],
    });
    expect(answer.headers.get('www-authenticate')).toContain('settings:update');
  });

  test.each([['session'], ['settings:update'], ['update'], ['*']])(
    'works for an administrator with %s, and gives back every field',
    async (credential) => {
      const client =
        credential === 'session'
          ? await server().withSession(administrator)
          : await server().actingAs(administrator, credential === 'update' ? ['update', 'read'] : [credential]);
      const input = { enabled: true, defaultAbilities: ['post:read', 'post:create'], days: 30 };
      const answer = await client.send(update, input);
      expect(answer.errors).toBeUndefined();
      expect(answer.data.updateApiSettings).toEqual({
        enabled: true,
        defaultAbilities: ['post:read', 'post:create'],
        maximumTokenLifetimeDays: 30,
        updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      });
      expect((await client.send(all)).data.apiSettings).toEqual(answer.data.updateApiSettings);
      await client.send(update, { defaultAbilities: ['read'], days: null });
    },
  );

  test('changes what it names and leaves the rest', async () => {
    const browser = await server().withSession(administrator);
    await browser.send(update, { enabled: true, defaultAbilities: ['post:read'], days: 7 });
    const change = async (values: string) => {
      const answer = await browser.send(
        `mutation { updateApiSettings${values} { enabled defaultAbilities maximumTokenLifetimeDays } }`,
      );
      expect(answer.errors).toBeUndefined();
      return Object.values(answer.data.updateApiSettings);
    };
    expect(await change('')).toEqual([true, ['post:read'], 7]);
    expect(await change('(enabled: null, defaultAbilities: null)')).toEqual([true, ['post:read'], 7]);
    expect(await change('(enabled: false)')).toEqual([false, ['post:read'], 7]);
    expect(await change('(maximumTokenLifetimeDays: null)')).toEqual([false, ['post:read'], null]);
    expect(await change('(defaultAbilities: [])')).toEqual([false, [], null]);
    expect(await change('(enabled: true, defaultAbilities: ["read", "post:read", "read"])')).toEqual([
      true,
      ['read', 'post:read'],
      null,
    ]);
  });

  test.each([
    ['a limit of no day', { days: 0 }, 'maximumTokenLifetimeDays', 'must be at least 1 day.'],
    ['a limit below that', { days: -1 }, 'maximumTokenLifetimeDays', 'must be at least 1 day.'],
    ['a limit of more than a century', { days: 36_501 }, 'maximumTokenLifetimeDays', 'must be at most 36500 days.'],
    [
      'an unknown ability',
      { defaultAbilities: ['read', 'post:explode'] },
      'defaultAbilities',
      '"post:explode" is not an ability.',
    ],
    ['an ability in upper case', { defaultAbilities: ['READ'] }, 'defaultAbilities', '"READ" is not an ability.'],
    ['the wildcard', { defaultAbilities: ['*'] }, 'defaultAbilities', '"*" is not an ability.'],
    ['an empty ability', { defaultAbilities: [''] }, 'defaultAbilities', '"" is not an ability.'],
    [
      'the name of a property of objects',
      { defaultAbilities: ['__proto__'] },
      'defaultAbilities',
      '"__proto__" is not an ability.',
    ],
    ['an ability with a NUL', { defaultAbilities: ['read\0'] }, 'defaultAbilities', '"read\\u0000" is not an ability.'],
  ])('refuses %s and writes nothing', async (_case, values, field, problem) => {
    const before = await row();
    const answer = await (await server().withSession(administrator)).send(update, { enabled: false, ...values });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(answer.errors?.[0]?.extensions.fields).toEqual({ [field]: [problem] });
    expect(await row()).toEqual(before);
  });

  test('Z11: refuses more default abilities than there could be, in few words', async () => {
    const before = await row();
    const browser = await server().withSession(administrator);
    const answer = await browser.send(
      'mutation ($names: [String!]) { updateApiSettings(defaultAbilities: $names) { defaultAbilities } }',
      { names: Array.from({ length: 5_000 }, (_, index) => `made:up${index}`) },
    );
    expect(refused(answer)).toEqual([['BAD_USER_INPUT'], 200, null]);
    expect(answer.errors?.[0]?.extensions.fields.defaultAbilities).toEqual(['must have at most 200 entries.']);
    expect(await row()).toEqual(before);
  });

  test('takes the shortest and the longest limit', async () => {
    const browser = await server().withSession(administrator);
    for (const days of [1, 36_500]) {
      const answer = await browser.send(update, { days });
      expect(answer.data.updateApiSettings.maximumTokenLifetimeDays).toBe(days);
    }
    await browser.send(update, { days: null });
  });

  test.each([
    ['a limit with a fraction', { days: 1.5 }],
    ['a limit beyond 32 bits', { days: 2 ** 31 }],
    ['a limit in words', { days: 'ten' }],
    ['a switch in words', { enabled: 'no' }],
    ['a list with a hole', { defaultAbilities: ['read', null] }],
  ])('refuses %s before anything runs', async (_case, values) => {
    const before = await row();
    const answer = await (await server().withSession(administrator)).send(update, values);
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(answer.status).toBe(400);
    expect(await row()).toEqual(before);
  });

  test('holds from the next request on, for tokens, and lets sessions go on', async () => {
    const browser = await server().withSession(administrator);
    const program = await server().actingAs(user, ['read']);
    expect((await program.send(enabled)).errors).toBeUndefined();
    expect((await browser.send(switchOff)).data).toEqual({ updateApiSettings: { enabled: false } });
    const answer = await program.send(enabled);
    expect([answer.codes, answer.status]).toEqual([['API_DISABLED'], 403]);
    expect((await browser.send(enabled)).data.apiSettings.enabled).toBe(false);
    expect((await (await server().withSession(user)).send('{ viewer { kind } }')).data.viewer.kind).toBe('SESSION');
    await browser.send('mutation { updateApiSettings(enabled: true) { enabled } }');
    expect((await program.send(enabled)).data.apiSettings.enabled).toBe(true);
  });

  test('lets a token switch itself off, which is the last thing it does', async () => {
    const program = await server().actingAs(administrator, ['settings:update']);
    expect((await program.send(switchOff)).data).toEqual({ updateApiSettings: { enabled: false } });
    expect((await program.send('mutation { updateApiSettings(enabled: true) { enabled } }')).codes).toEqual([
      'API_DISABLED',
    ]);
    expect(await row()).toMatchObject({ enabled: false });
  });

  test('counts within the document that changed it', async () => {
    const browser = await server().withSession(administrator);
    const answer = await browser.send(
      `mutation {
        off: updateApiSettings(enabled: false) { enabled }
        on: updateApiSettings(enabled: true) { enabled }
      }`,
    );
    expect(answer.data).toEqual({ off: { enabled: false }, on: { enabled: true } });
    expect(await row()).toMatchObject({ enabled: true });
  });

  test('Z3: is refused to an administrator of yesterday at once, with session and token', async () => {
    const former = await server().administrator();
    const browser = await server().withSession(former);
    const program = await server().actingAs(former, ['settings:update']);
    expect((await browser.send(all)).errors).toBeUndefined();
    expect((await program.send(all)).errors).toBeUndefined();
    await server().sql('update users set is_administrator = false where id = $1', [former.id]);
    const before = await row();
    expect(refused(await browser.send(switchOff))).toEqual([['FORBIDDEN'], 403, undefined]);
    expect(refused(await program.send(switchOff))).toEqual([['INSUFFICIENT_ABILITIES'], 403, undefined]);
    expect(refused(await browser.send(all))).toEqual([['FORBIDDEN'], 403, undefined]);
    expect(refused(await program.send(all))).toEqual([['INSUFFICIENT_ABILITIES'], 403, undefined]);
    expect(await row()).toEqual(before);
  });

  test('by two administrators at once ends with what one of them said', async () => {
    const browsers = await Promise.all([server().withSession(administrator), server().withSession(administrator)]);
    const answers = await Promise.all(browsers.map((browser, index) => browser.send(update, { days: 10 + index })));
    for (const answer of answers) {
      expect(answer.errors).toBeUndefined();
    }
    expect([10, 11]).toContain((await row())?.maximum_token_lifetime_days);
    expect(await server().sql('select id from api_settings')).toEqual([{ id: 1 }]);
  });
});
