import { beforeAll, describe, expect, test } from '@jest/globals';
import type { User } from '../../src/users/user.entity.js';
import { type Answer, password, readAnswer, testServer } from '../helper.js';

const server = testServer({
  LOGIN_ATTEMPTS_PER_MINUTE: '1000',
  LOGIN_ATTEMPTS_PER_ADDRESS: '10000',
  TOKENS_PER_USER: '20',
});
const issueApiToken = `mutation ($email: String!, $password: String!, $deviceName: String! = "Phone", $abilities: [String!]) {
  issueApiToken(email: $email, password: $password, deviceName: $deviceName, abilities: $abilities) {
    plainTextToken
    apiToken { id name abilities effectiveAbilities preview expiresAt createdAt lastUsedAt }
  }
}`;

let user: User;

beforeAll(async () => {
  await server().api(true);
  user = await server().user();
});

/** Sends the mutation as a device does: without a cookie and without the headers of a browser. */
async function issue(variables: Record<string, unknown>, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(server().url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: issueApiToken, variables: { email: user.email, password, ...variables } }),
  });
  return readAnswer(response);
}

function expectRefusedLike(answer: Answer, reference: Answer): void {
  expect(answer.codes).toEqual(['UNAUTHENTICATED']);
  expect(answer.status).toBe(401);
  expect(answer.text).toBe(reference.text);
  const lasting = ({ headers }: Answer) =>
    [...headers].filter(([name]) => name !== 'date' && name !== 'x-request-id').sort();
  expect(lasting(answer)).toEqual(lasting(reference));
}

describe('issueApiToken', () => {
  test('gives a device a token for the right password, and no session', async () => {
    const sessions = await server().sql('select id from sessions');
    const answer = await issue({ deviceName: 'Phone', abilities: ['post:read'] });
    expect(answer.errors).toBeUndefined();
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await server().sql('select id from sessions')).toEqual(sessions);
    const { plainTextToken, apiToken } = answer.data.issueApiToken;
    expect(apiToken).toMatchObject({
      name: 'Phone',
      abilities: ['post:read'],
      effectiveAbilities: ['post:read'],
      preview: `${plainTextToken.slice(0, 30)}…`,
      expiresAt: null,
      lastUsedAt: null,
    });
    const device = server().withToken(plainTextToken);
    const viewer = (await device.send('{ viewer { kind abilities token { id } } }')).data.viewer;
    expect(viewer).toEqual({ kind: 'TOKEN', abilities: ['post:read'], token: { id: apiToken.id } });
    const listed = await (await server().withSession(user)).send('{ apiTokens { nodes { id } } }');
    expect(listed.data.apiTokens.nodes).toContainEqual({ id: apiToken.id });
  });

  test('takes the e-mail in any spelling of case and space', async () => {
    expect((await issue({ email: `  ${user.email.toUpperCase()}\n` })).errors).toBeUndefined();
  });

  test('changes nothing for the session of a browser that sends it', async () => {
    const browser = await server().withSession(await server().user());
    const { cookie } = browser;
    const answer = await browser.send(issueApiToken, { email: user.email, password });
    expect(answer.errors).toBeUndefined();
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(browser.cookie).toBe(cookie);
    const [row] = await server().sql('select user_id from api_tokens order by id desc limit 1');
    expect(row?.user_id).toBe(user.id);
  });

  test('is refused with a bad bearer, however right the password', async () => {
    const before = await server().contents();
    expect((await issue({}, { authorization: 'Bearer x' })).codes).toEqual(['UNAUTHENTICATED']);
    expect(await server().contents()).toEqual(before);
  });

  test('is refused while the API is off, before the password is looked at', async () => {
    await server().api(false);
    try {
      const [right, wrong] = [await issue({}), await issue({ password: 'a wrong password' })];
      expect(right.codes).toEqual(['API_DISABLED']);
      expect(right.status).toBe(403);
      expect(wrong.text).toBe(right.text);
    } finally {
      await server().api(true);
    }
  });

  test('a limit in the settings ends its token too', async () => {
    await server().sql('update api_settings set maximum_token_lifetime_days = 3');
    try {
      const { apiToken } = (await issue({})).data.issueApiToken;
      expect(Date.parse(apiToken.expiresAt) - Date.parse(apiToken.createdAt)).toBe(3 * 86_400_000);
    } finally {
      await server().sql('update api_settings set maximum_token_lifetime_days = null');
    }
  });
});

describe('Z2, Z11: the abilities of a device', () => {
  async function setDefaults(names: string[]): Promise<void> {
    const administrator = await server().withSession(await server().administrator());
    const answer = await administrator.send(
      'mutation ($names: [String!]) { updateApiSettings(defaultAbilities: $names) { defaultAbilities } }',
      { names },
    );
    expect(answer.data.updateApiSettings.defaultAbilities).toEqual(names);
  }

  test.each([
    ['left out', {}],
    ['null', { abilities: null }],
  ])('are the defaults of the settings when they are %s', async (_name, variables) => {
    expect((await issue(variables)).data.issueApiToken.apiToken.abilities).toEqual(['read']);
    await setDefaults(['post:read', 'post:create']);
    try {
      expect((await issue(variables)).data.issueApiToken.apiToken.abilities).toEqual(['post:read', 'post:create']);
    } finally {
      await setDefaults(['read']);
    }
  });

  test('are none when the list is empty', async () => {
    expect((await issue({ abilities: [] })).data.issueApiToken.apiToken.abilities).toEqual([]);
  });

  test('are the defaults without those for administrators, unless it is one', async () => {
    const administrator = await server().administrator();
    await setDefaults(['post:read', 'settings:update']);
    try {
      expect((await issue({})).data.issueApiToken.apiToken.abilities).toEqual(['post:read']);
      const answer = await issue({ email: administrator.email });
      expect(answer.data.issueApiToken.apiToken.abilities).toEqual(['post:read', 'settings:update']);
    } finally {
      await setDefaults(['read']);
    }
  });

  test.each([
    ['an unknown one', { abilities: ['post:fly'] }, ['abilities']],
    ['the wildcard', { abilities: ['*'] }, ['abilities']],
    ['one for administrators', { abilities: ['settings:update'] }, ['abilities']],
    ['a device without a name', { deviceName: ' ' }, ['deviceName']],
    ['256 characters of a name', { deviceName: 'x'.repeat(256) }, ['deviceName']],
    ['a NUL character in the name', { deviceName: 'a\0' }, ['deviceName']],
    ['both wrong', { deviceName: '', abilities: ['x'] }, ['abilities', 'deviceName']],
    ['a NUL character in the e-mail', { email: 'a\0@example.com' }, ['email']],
    ['an e-mail of 256 characters', { email: `${'x'.repeat(244)}@example.com` }, ['email']],
    ['a password of kilobytes', { password: 'x'.repeat(1_025) }, ['password']],
    ['half of an emoji in the password', { password: '\ud83d' }, ['password']],
    ['e-mail and password', { email: '\0', password: '\0' }, ['email', 'password']],
  ])('and its name are refused by argument, and nothing is written: %s', async (_name, variables, fields) => {
    const before = await server().contents();
    const answer = await issue(variables);
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(Object.keys(answer.errors?.[0]?.extensions.fields).sort()).toEqual(fields);
    expect(await server().contents()).toEqual(before);
  });

  test('are counted against the limit of tokens, under the name of the device', async () => {
    const { email, id } = await server().user();
    await Promise.all(Array.from({ length: 20 }, () => issue({ email })));
    const answer = await issue({ email });
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(Object.keys(answer.errors?.[0]?.extensions.fields)).toEqual(['deviceName']);
    expect(await server().sql('select 1 from api_tokens where user_id = $1', [id])).toHaveLength(20);
  });
});

describe('A7 a refused sign-in of a device', () => {
  let reference: Answer;

  beforeAll(async () => {
    reference = await issue({ password: 'a wrong password' });
    expect(reference.codes).toEqual(['UNAUTHENTICATED']);
  });

  test.each([
    ['an unknown e-mail', { email: 'nobody@example.com' }],
    ['something that is no e-mail', { email: 'nobody' }],
    ['an empty e-mail', { email: '' }],
    ['an empty password', { password: '' }],
    ['the password in capitals', { password: password.toUpperCase() }],
    ['the password with a space', { password: `${password} ` }],
    ['SQL', { email: "' or '1'='1", password: "' or '1'='1" }],
    ['a pattern', { email: '%' }],
    ['a wrong password and a bad name', { password: 'a wrong password', deviceName: '' }],
    ['a wrong password and bad abilities', { password: 'a wrong password', abilities: ['*'] }],
  ])('has one answer, byte for byte: %s', async (_name, variables) => {
    const before = await server().contents();
    expectRefusedLike(await issue(variables), reference);
    expect(await server().contents()).toEqual(before);
  });

  test('has that answer for a disabled user with the right password', async () => {
    const { email, id } = await server().user();
    expect((await issue({ email })).errors).toBeUndefined();
    await server().sql('update users set disabled_at = now() where id = $1', [id]);
    expectRefusedLike(await issue({ email }), reference);
  });

  test('A10 has that answer for a stored hash that cannot be read', async () => {
    const { email, id } = await server().user();
    await server().sql("update users set password_hash = 'not a hash' where id = $1", [id]);
    expectRefusedLike(await issue({ email }), reference);
  });
});
