import 'reflect-metadata';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { apiTokenId } from '../../src/auth/api-token-id.js';
import { auditEventId } from '../../src/auth/audit-event.entity.js';
import { modules } from '../../src/registry.js';
import { guardedSchema } from '../../src/schema.js';
import { sessionId } from '../../src/sessions/session.entity.js';
import type { User } from '../../src/users/user.entity.js';
import { type Answer, type Client, publicIdOf, testServer } from '../helper.js';

const { schema } = guardedSchema(modules);
const server = testServer();

/** Where documents may begin: with the records of another person, or with a change of one's own. */
const roots: Record<string, (ids: Record<string, string>) => string> = {
  'Query.node': ({ id }) => `(id: "${id}")`,
  'Query.post': ({ post }) => `(id: "${post}")`,
  'Query.posts': () => '',
  'Query.user': ({ user }) => `(id: "${user}")`,
  'Query.viewer': () => '',
  'Query.apiTokens': () => '',
  'Query.sessions': () => '',
  'Query.auditEvents': () => '',
  'Mutation.createPost': () => '(title: "By Bob", body: "")',
  'Mutation.createApiToken': () => '(name: "By Bob", abilities: [])',
  'Mutation.updateAccount': () => '(name: "Bob")',
};
/** Lists of lists cost a server much and an answer adds nothing after the second. */
const longest = 4;

/** What another person keeps to themselves, planted with the word "canary", and what asks for it. */
const secrets: Record<string, readonly string[]> = {
  User: ['email', 'lastActiveAt', 'apiTokenCount', 'administrator', 'disabledAt'],
  Post: ['title', 'body'],
  ApiToken: ['name', 'lastUsedIp', 'preview'],
  Session: ['userAgent', 'ip'],
  AuditEvent: ['ip', 'userAgent', 'requestId'],
};

interface Way {
  readonly root: string;
  readonly steps: readonly string[];
  readonly end: string;
}

/** Every way from the roots to an object that has secrets, without taking any field twice. */
function ways(): Way[] {
  const found: Way[] = [];
  const go = (root: string, type: GraphQLObjectType, steps: readonly string[], taken: readonly string[]) => {
    if (secrets[type.name] !== undefined) {
      found.push({ root, steps, end: type.name });
    }
    for (const field of Object.values(type.getFields()) as GraphQLField<unknown, unknown>[]) {
      const below = getNamedType(field.type);
      const coordinate = `${type.name}.${field.name}`;
      const optional = field.args.every(
        ({ type: given, defaultValue }) => !isNonNullType(given) || defaultValue !== undefined,
      );
      if (isObjectType(below) && optional && !taken.includes(coordinate) && steps.length < longest) {
        go(root, below, [...steps, field.name], [...taken, coordinate]);
      }
    }
  };
  for (const root of Object.keys(roots)) {
    const [type = '', name = ''] = root.split('.');
    const field = (schema.getType(type) as GraphQLObjectType).getFields()[name];
    const below = getNamedType(field?.type ?? null);
    const starts = isInterfaceType(below) ? schema.getPossibleTypes(below) : isObjectType(below) ? [below] : [];
    for (const start of starts) {
      go(root, start, isInterfaceType(below) ? [`... on ${start.name}`] : [], []);
    }
  }
  return found;
}

const all = ways();
let ada: User;
let bob: User;
let adaIds: Record<string, string>;
let bobIds: Record<string, string>;
let canaries: string[];
const clients: Record<string, Client> = {};

beforeAll(async () => {
  await server().api(true);
  ada = await server().user({ email: 'canary-ada@example.com', name: 'Ada' });
  bob = await server().user({ email: 'bob@example.com', name: 'Bob' });
  const draft = await server().post(ada, { title: 'canary-title', body: 'canary-body', published: false });
  const post = await server().post(ada, { title: 'Published', body: 'Published.' });
  const own = await server().post(bob, { title: 'By Bob', published: false });
  await server().actingAs(ada, ['read']);
  await server().sql(`update api_tokens set name = 'canary-token', last_used_ip = 'canary-ip'`);
  const adaSession = await server().withSession(ada);
  await server().sql(`update sessions set user_agent = 'canary-agent', ip = 'canary-ip'`);
  const [token] = await server().sql('select id from api_tokens');
  const rename = 'mutation ($id: ID!) { updateApiToken(id: $id, name: "canary-token", abilities: []) { id } }';
  await adaSession.send(rename, { id: apiTokenId.encode(token?.id) }, { 'user-agent': 'canary-agent' });
  const [event] = await server().sql('select id from audit_events where subject_id = $1', [token?.id]);
  const [session] = await server().sql('select id from sessions');
  adaIds = {
    user: publicIdOf.user(ada),
    post: publicIdOf.post(post),
    draft: publicIdOf.post(draft),
    ApiToken: apiTokenId.encode(token?.id),
    Session: sessionId.encode(session?.id),
    AuditEvent: auditEventId.encode(event?.id),
  };
  bobIds = { user: publicIdOf.user(bob), post: publicIdOf.post(own) };
  const everything = server().app.services.catalogue.entries.map(({ name }) => name);
  clients.session = await server().withSession(bob);
  clients.token = await server().actingAs(bob, everything);
  clients.ada = adaSession;
  canaries = ['canary', adaIds.ApiToken?.slice('api_token_'.length) ?? ''];
});

const nodeIds = (type: string) =>
  ({
    User: [adaIds.user],
    Post: [adaIds.draft, adaIds.post],
    ApiToken: [adaIds.ApiToken],
    Session: [adaIds.Session],
    AuditEvent: [adaIds.AuditEvent],
  })[type] ?? [];

/** A selection in the spellings in which the same fields can be asked for. */
const spellings: Record<string, (fields: string, type: string) => { selection: string; fragments?: string }> = {
  'as it is': (fields) => ({ selection: fields }),
  'in a fragment': (fields, type) => ({ selection: '...F', fragments: ` fragment F on ${type} { ${fields} }` }),
  'in an inline fragment on the interface': (fields, type) => ({
    selection: `... on Node { ... on ${type} { ${fields} } }`,
  }),
  'included by a variable': (fields) => ({
    selection: `... @include(if: $yes) { ${fields} } ... @skip(if: $no) { ${fields} }`,
  }),
};

function documentOf({ root, steps, end }: Way, ids: Record<string, string>, spelling: string): string {
  const [type = '', name = ''] = root.split('.');
  const { selection, fragments = '' } = spellings[spelling]?.(secrets[end]?.join(' ') ?? '', end) ?? { selection: '' };
  const body = steps.reduceRight((inner, step) => `${step} { ${inner} }`, selection);
  const variables = spelling === 'included by a variable' ? '($yes: Boolean! = true, $no: Boolean! = false)' : '';
  const operation = type === 'Mutation' ? 'mutation' : 'query';
  return `${operation} Q${variables} { ${name}${roots[root]?.(ids) ?? ''} { ${body} } }${fragments}`;
}

/** Every `User` of an answer that has an e-mail address must be the one who asks. */
function expectOwn(answer: Answer, at: string): void {
  const found = canaries.filter((canary) => answer.text.includes(canary));
  expect([at, found]).toEqual([at, []]);
  const addresses = answer.text.match(/[\w-]+@example\.com/g) ?? [];
  expect([at, addresses.filter((address) => address !== bob.email)]).toEqual([at, []]);
  for (const code of answer.codes) {
    expect([at, ['FORBIDDEN', 'NOT_FOUND', 'SESSION_REQUIRED'].includes(code)]).toEqual([at, true]);
  }
}

async function askAll(client: Client, spelling: string, ways: readonly Way[]): Promise<number> {
  let forbidden = 0;
  for (const way of ways) {
    const [first = ''] = way.steps;
    const starts = way.root === 'Query.node' ? nodeIds(first.replace('... on ', '')) : [adaIds.draft];
    for (const id of starts) {
      const document = documentOf(way, { ...adaIds, id: id ?? '' }, spelling);
      const answer = await client.send(document);
      expectOwn(answer, document);
      forbidden += answer.codes.filter((code) => code === 'FORBIDDEN').length;
    }
  }
  return forbidden;
}

describe('Z5: what another person keeps to themselves', () => {
  test('can be asked for in many ways, and is told to its owner', async () => {
    expect(new Set(all.map(({ end }) => end))).toEqual(new Set(Object.keys(secrets)));
    expect(all.length).toBeGreaterThan(30);
    const answers = [];
    for (const way of all.filter(({ root }) => root.startsWith('Query.'))) {
      const starts = way.root === 'Query.node' ? nodeIds(way.steps[0]?.replace('... on ', '') ?? '') : [adaIds.draft];
      for (const id of starts) {
        const document = documentOf(way, { ...adaIds, id: id ?? '' }, 'as it is');
        answers.push((await clients.ada?.send(document))?.text ?? '');
      }
    }
    expect(answers.filter((text) => text.includes('canary')).length).toBeGreaterThan(answers.length / 2);
  });

  test.each(
    Object.keys(spellings).flatMap(
      (spelling) =>
        [
          [spelling, 'session'],
          [spelling, 'token'],
        ] as const,
    ),
  )('is told to no one else by any way, %s, for a %s', async (spelling, who) => {
    const mine =
      who === 'session'
        ? all
        : all.filter(({ root }) => !/apiTokens|sessions|createApiToken|updateAccount|auditEvents/.test(root));
    expect(await askAll(clients[who] as Client, spelling, mine)).toBeGreaterThan(20);
  });

  test.each([
    ['one’s own first', 'own', 'other'],
    ['the other first', 'other', 'own'],
  ])('is not told by the order of aliases: %s', async (_name, first, second) => {
    const ask = { own: `own: user(id: "${bobIds.user}")`, other: `other: user(id: "${adaIds.user}")` } as Record<
      string,
      string
    >;
    const answer = await clients.session?.send(
      `{ ${ask[first]} { email again: email } ${ask[second]} { email again: email } viewer { user { email } } }`,
    );
    expect(answer?.data).toEqual({
      own: { email: bob.email, again: bob.email },
      other: { email: null, again: null },
      viewer: { user: { email: bob.email } },
    });
    expect(answer?.errors?.map(({ path, extensions }) => [path?.join('.'), extensions.code]).sort()).toEqual([
      ['other.again', 'FORBIDDEN'],
      ['other.email', 'FORBIDDEN'],
    ]);
  });
});
