import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, type Client, readAnswer, testServer } from '../helper.js';

const server = testServer();
const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];

let browser: Client;
let program: Client;

beforeAll(async () => {
  await server().api(true);
  const user = await server().user({ name: 'Ada' });
  await server().post(user, { title: 'Hello' });
  browser = await server().withSession(user);
  program = await server().actingAs(user, ['post:read']);
});

/** Sends a body as it is written here, for an object with such keys is hard to write down in JavaScript. */
async function sent(body: string): Promise<Answer> {
  return readAnswer(
    await fetch(server().url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', cookie: browser.cookie },
      body,
    }),
  );
}

function own(value: object, name: string): unknown {
  expect(Object.hasOwn(value, name)).toBe(true);
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

function expectCleanPrototype(): void {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
}

describe('X10 names that every object has', () => {
  test('as aliases are ordinary keys, of a record, of a list and of a mutation, and each has its own answer', async () => {
    const fields = names.map((name) => `${name}: title`).join(' ');
    const one = await browser.send(`{ ${names.map((name) => `${name}: viewer { ${name}: kind }`).join(' ')} }`);
    expect(one.codes).toEqual([]);
    for (const name of names) {
      expect(own(own(one.data, name) as object, name)).toBe('SESSION');
    }
    for (const client of [browser, program]) {
      const list = await client.send(`{ constructor: posts { __proto__: nodes { ${fields} } } }`);
      const [post] = own(own(list.data, 'constructor') as object, '__proto__') as object[];
      expect(names.map((name) => own(post ?? {}, name))).toEqual(names.map(() => 'Hello'));
    }
    const made = await browser.send(`mutation { __proto__: createPost(title: "P", body: "") { ${fields} } }`);
    expect(own(own(made.data, '__proto__') as object, 'constructor')).toBe('P');
    expectCleanPrototype();
  });

  // The reader of bodies refuses a key `__proto__`, see below.
  test.each(names.slice(1))('as the name of a variable, an operation and a fragment: %s', async (name) => {
    const query = `query ${name} ($${name}: Int!) { posts(first: $${name}) { ...${name} } }
      fragment ${name} on PostConnection { nodes { title } }`;
    const body = (value: string) =>
      `{"query":${JSON.stringify(query)},"operationName":"${name}","variables":{"${name}":${value}}}`;
    expect((await sent(body('1'))).data.posts.nodes).toHaveLength(1);
    const refused = await sent(body('"one"'));
    expect(refused.codes).toEqual(['BAD_USER_INPUT']);
    expect(own(refused.errors?.[0]?.extensions.fields, name)).toEqual(['has a value of the wrong type.']);
    const absent = await sent(`{"query":${JSON.stringify(query)}}`);
    expect(absent.codes).toEqual(['BAD_USER_INPUT']);
    expectCleanPrototype();
  });

  test.each([
    '"__proto__":{"polluted":true}',
    '"constructor":{"prototype":{"polluted":true}}',
    '"variables":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    '"extensions":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  ])('as keys of a body change nothing that is shared: %s', async (entry) => {
    const { status, codes } = await sent(`{"query":"{ viewer { kind } }",${entry}}`);
    expect([200, 400]).toContain(status);
    expect(codes).toEqual(status === 200 ? [] : ['BAD_REQUEST']);
    expectCleanPrototype();
  });

  test.each(names)('as an operation, an ability or an id that nobody knows: %s', async (name) => {
    expect((await sent(`{"query":"query A { __typename }","operationName":"${name}"}`)).codes).toEqual([
      'OPERATION_RESOLUTION_FAILURE',
    ]);
    const asked = await program.send('query ($name: String!) { viewer { tokenCan(ability: $name) } }', { name });
    expect(asked.data.viewer.tokenCan).toBe(false);
    const before = await server().contents();
    const token = 'mutation ($name: String!) { createApiToken(name: "T", abilities: [$name]) { plainTextToken } }';
    expect((await browser.send(token, { name })).codes).toEqual(['BAD_USER_INPUT']);
    const id = `${name.replace(/^_+|_+$/g, '').toLowerCase()}_01h455vb4pex5vsknk084sn02q`;
    expect((await browser.send('query ($id: ID!) { node(id: $id) { id } }', { id })).codes).toEqual(['BAD_USER_INPUT']);
    expect(await server().contents()).toEqual(before);
  });

  test('in a document whose plan is asked for', async () => {
    const document = '{ __proto__: viewer { constructor: kind } constructor: posts { toString: nodes { id } } }';
    const { data } = await browser.send(
      'query ($document: String!) { accessPlan(document: $document) { valid coordinates { coordinate } } }',
      {
        document,
      },
    );
    expect(data.accessPlan.valid).toBe(true);
    expect(data.accessPlan.coordinates).toContainEqual({ coordinate: 'Query.posts' });
  });
});
