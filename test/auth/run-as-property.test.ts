import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { apiTokenId } from '../../src/auth/api-token-id.js';
import { parseToken } from '../../src/auth/token-text.js';
import type { User } from '../../src/users/user.entity.js';
import { type Answer, type Client, publicIdOf, testServer } from '../helper.js';

const server = testServer();
const runs = 60;

interface Someone {
  readonly user: User;
  readonly browser: Client;
  readonly own: string;
}

let people: Someone[];
let others: string;
let names: string[];

beforeAll(async () => {
  await server().api(true);
  const stranger = await server().user();
  others = publicIdOf.post(await server().post(stranger));
  people = await Promise.all(
    [false, true].map(async (isAdministrator) => {
      const user = await server().user({ isAdministrator });
      const own = publicIdOf.post(await server().post(user, { title: 'Draft', published: false }));
      return { user, browser: await server().withSession(user), own };
    }),
  );
  names = server().app.services.catalogue.entries.map(({ name }) => name);
});

const queries = (own: string) => [
  'viewer { kind abilities tokenCan(ability: "post:read") }',
  'me: viewer { user { id name email administrator } }',
  'posts { nodes { id title viewerCanUpdate viewerCanDelete author { name email } } }',
  `post(id: "${own}") { title author { id disabledAt apiTokenCount } }`,
  `node(id: "${others}") { id ... on Post { title } }`,
  'users(first: 5) { nodes { id email } }',
  'apiSettings { enabled }',
  'all: apiSettings { defaultAbilities updatedAt }',
  'apiTokens { nodes { id } }',
  'allApiTokens { nodes { id } }',
  'sessions { id }',
  'limits: viewer { apiTokenLimits { count } }',
  'abilities { name isDefault }',
  'accessPlan(document: "mutation { deletePost(id: 1) updateApiSettings { enabled } }") { granted missing }',
  '__schema { queryType { name } }',
];

/** Each can be sent again and again. */
const mutations = (own: string) => [
  `updatePost(id: "${own}", title: "Draft") { title author { name } }`,
  `theirs: updatePost(id: "${others}", title: "A title") { title }`,
  'createPost(title: "", body: "") { id }',
  'deletePost(id: "post_01h455vb4pex5vsknk084sn02q")',
  'updateApiSettings { enabled }',
  'createApiToken(name: "x", abilities: []) { plainTextToken }',
  'revokeOtherSessions',
];

const chosen = fc.record({
  who: fc.nat(1),
  abilities: fc.array(fc.nat(1_000), { maxLength: 6 }),
  mutation: fc.boolean(),
  fields: fc.array(fc.nat(1_000), { minLength: 1, maxLength: 3 }),
});

function pick(list: readonly string[], numbers: readonly number[]): string[] {
  return [...new Set(numbers.map((number) => list[number % list.length] ?? ''))];
}

const perRequest = ['date', 'x-request-id'];

/** The answer without what differs between any two requests. */
function plain({ status, headers, text }: Answer) {
  return { status, headers: [...headers].filter(([name]) => !perRequest.includes(name)), text };
}

/** The same for a token that is stored nowhere, to which no form could add an ability. */
function withoutFix({ status, text }: Answer) {
  const body = JSON.parse(text);
  for (const error of body.errors ?? []) {
    delete error.extensions.fix;
  }
  return { status, body };
}

test('a session that runs as a token is answered as that token is', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(chosen, async ({ who, abilities, mutation, fields }) => {
      const { user, browser, own } = people[who] as Someone;
      const granted = pick(names, abilities);
      const document = mutation
        ? `mutation { ${pick(mutations(own), fields).join(' ')} }`
        : `{ ${pick(queries(own), fields).join(' ')} }`;
      const token = await server().actingAs(user, granted);
      const id = parseToken('lk', token.token)?.id ?? '';
      try {
        const real = await token.send(document);
        const asToken = await browser.send(document, {}, { 'x-run-as': `token=${apiTokenId.encode(id)}` });
        expect(plain(asToken)).toEqual(plain(real));
        const asAbilities = await browser.send(document, {}, { 'x-run-as': `abilities=${granted.join(',')}` });
        expect(withoutFix(asAbilities)).toEqual(withoutFix(real));
        seen.add(real.codes[0] ?? 'answered');
      } finally {
        await server().sql('delete from api_tokens where id = $1', [id]);
      }
    }),
    { numRuns: runs },
  );
  expect([...seen]).toEqual(expect.arrayContaining(['answered', 'INSUFFICIENT_ABILITIES', 'SESSION_REQUIRED']));
}, 120_000);
