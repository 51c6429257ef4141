import { password } from '../helper.js';
import type { Records } from './world.js';

const planned = 'query Plan { post(id: 1) { author { email } } node(id: 1) { ... on Post { title } } }';

/** The arguments of the root fields, as literals, with the records that they name. */
export function argumentsOf(coordinate: string, way: string, records: Records): string {
  const id = way === 'user' ? records.owner : records[way as keyof Records];
  const named = `(id: "${id}")`;
  const given: Record<string, string> = {
    'Query.accessPlan': '(document: "{ viewer { kind } }")',
    'Query.node': named,
    'Query.post': named,
    'Query.user': `(id: "${records.owner}")`,
    'Mutation.createApiToken': '(name: "A token", abilities: ["post:read"])',
    'Mutation.createPost': '(title: "A title", body: "A text.")',
    'Mutation.deleteAccount': `(password: "${password}")`,
    'Mutation.deleteApiToken': `(id: "${records.token}")`,
    'Mutation.deletePost': named,
    'Mutation.issueApiToken': `(email: "${records.email}", password: "${password}", deviceName: "A phone")`,
    'Mutation.login': `(email: "${records.email}", password: "${password}")`,
    'Mutation.register': `(name: "New", email: "new@example.com", password: "${password}")`,
    'Mutation.revokeApiToken': `(id: "${records.token}")`,
    'Mutation.revokeSession': `(id: "${records.session}")`,
    'Mutation.updateAccount': '(name: "Another name")',
    'Mutation.updateApiSettings': '(maximumTokenLifetimeDays: 9)',
    'Mutation.updateApiToken': `(id: "${records.token}", name: "Another name")`,
    'Mutation.updatePassword': `(currentPassword: "${password}", newPassword: "another ${password}")`,
    'Mutation.updatePost': `(id: "${id}", title: "Another title")`,
    'Mutation.updateUser': `(id: "${records.owner}", disabled: true)`,
    'Viewer.tokenCan': '(ability: "post:read")',
  };
  return given[coordinate] ?? '';
}

/** What stands around a field that is no root field; `FIELD` is where it goes. */
export function around(way: string, records: Records): string | undefined {
  const ways: Record<string, string> = {
    abilities: '{ abilities { FIELD } }',
    accessPlan: `{ accessPlan(document: "${planned}") { FIELD } }`,
    'accessPlan/coordinates': `{ accessPlan(document: "${planned}") { coordinates { FIELD } } }`,
    auditEvents: `{ auditEvents(subject: "${records.token}") { FIELD } }`,
    'auditEvents/edges': `{ auditEvents(subject: "${records.token}") { edges { FIELD } } }`,
    'auditEvents/nodes': `{ auditEvents(subject: "${records.token}") { nodes { FIELD } } }`,
    'auditEvents/changes': `{ auditEvents(subject: "${records.token}") { nodes { changes { FIELD } } } }`,
    brokenPlan: '{ accessPlan(document: "{ viewer { king } }") { FIELD } }',
    'brokenPlan/errors': '{ accessPlan(document: "{ viewer { king } }") { errors { FIELD } } }',
    allApiTokens: `{ allApiTokens(owner: "${records.owner}") { FIELD } }`,
    'allApiTokens/nodes': `{ allApiTokens(owner: "${records.owner}", search: "recorded") { nodes { FIELD } } }`,
    apiSettings: '{ apiSettings { FIELD } }',
    apiTokens: '{ apiTokens { FIELD } }',
    'apiTokens/edges': '{ apiTokens { edges { FIELD } } }',
    createApiToken: 'mutation { createApiToken(name: "A token", abilities: []) { FIELD } }',
    issueApiToken: `mutation { issueApiToken(email: "${records.email}", password: "${password}", deviceName: "A phone") { FIELD } }`,
    'node/event': `{ node(id: "${records.event}") { ... on AuditEvent { FIELD } } }`,
    'node/session': `{ node(id: "${records.session}") { ... on Session { FIELD } } }`,
    'node/token': `{ node(id: "${records.token}") { ... on ApiToken { FIELD } } }`,
    posts: '{ posts { FIELD } }',
    'posts/edges': '{ posts { edges { FIELD } } }',
    'posts/pageInfo': '{ posts { pageInfo { FIELD } } }',
    published: `{ post(id: "${records.published}") { FIELD } }`,
    draft: `{ post(id: "${records.draft}") { FIELD } }`,
    sessions: '{ sessions { FIELD } }',
    user: `{ user(id: "${records.owner}") { FIELD } }`,
    users: '{ users { FIELD } }',
    'users/edges': '{ users { edges { FIELD } } }',
    viewer: '{ viewer { FIELD } }',
    'viewer/apiTokenLimits': '{ viewer { apiTokenLimits { FIELD } } }',
    'viewer/token': '{ viewer { token { FIELD } } }',
  };
  return ways[way];
}
