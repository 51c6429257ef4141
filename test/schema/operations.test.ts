import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { expect, test } from '@jest/globals';
import * as documents from '../../schema/documents.js';
import { type Client, password, testServer } from '../helper.js';

const server = testServer();

test('every document that our clients send is answered, typed, from signing up to leaving', async () => {
  const admin = await server().administrator();
  const browser = await server().withSession(admin);
  const sent = new Set<unknown>();
  const ok = async <Data, Variables extends object>(
    document: TypedDocumentNode<Data, Variables>,
    client: Client,
    variables: Variables,
  ): Promise<Data> => {
    sent.add(document);
    const answer = await client.send<Data, Variables>(document, variables);
    expect(answer.errors).toBeUndefined();
    return answer.data;
  };

  await ok(documents.UpdateApiSettingsDocument, browser, { enabled: true });
  expect((await ok(documents.ApiSettingsDocument, browser, {})).apiSettings.enabled).toBe(true);

  const person = server().asGuest();
  const email = 'ada@example.com';
  const registered = await ok(documents.RegisterDocument, person, { name: 'Ada', email, password });
  expect(registered.register.user?.email).toBe(email);
  await ok(documents.LogoutDocument, person, {});
  expect((await ok(documents.ViewerDocument, person, {})).viewer.kind).toBe('GUEST');
  await ok(documents.LoginDocument, person, { email, password });
  const renamed = await ok(documents.UpdateAccountDocument, person, { name: 'Ada Lovelace' });
  expect(renamed.updateAccount.user).toMatchObject({ name: 'Ada Lovelace', email });
  await ok(documents.UpdatePasswordDocument, person, { currentPassword: password, newPassword: `${password}!` });

  expect((await ok(documents.AbilitiesDocument, person, {})).abilities.map((each) => each.name)).toContain('post:read');
  const fields = await ok(documents.FieldsDocument, person, {});
  expect(fields.__schema.types.map(({ name }) => name)).toContain('Post');
  const created = await ok(documents.CreateApiTokenDocument, person, { name: 'Reader', abilities: ['read'] });
  const { id } = created.createApiToken.apiToken;
  expect((await ok(documents.ApiTokenDocument, person, { id })).node).toMatchObject({ id, name: 'Reader' });
  expect((await ok(documents.ApiTokenLimitsDocument, person, {})).viewer.apiTokenLimits.count).toBe(1);
  await ok(documents.UpdateApiTokenDocument, person, { id, name: 'Reader and writer', abilities: ['read', 'create'] });
  expect((await ok(documents.ApiTokensDocument, person, { search: 'writer' })).apiTokens.nodes).toHaveLength(1);
  const program = server().withToken(created.createApiToken.plainTextToken);
  expect((await ok(documents.CurrentTokenDocument, program, {})).viewer.token?.abilities).toEqual(['read', 'create']);

  const { createPost } = await ok(documents.CreatePostDocument, program, {
    title: 'Notes',
    body: 'Text.',
    published: true,
  });
  await ok(documents.UpdatePostDocument, person, { id: createPost.id, body: 'Better text.' });
  expect((await ok(documents.PostDocument, program, { id: createPost.id })).post?.body).toBe('Better text.');
  expect((await ok(documents.PostsDocument, program, { first: 5 })).posts.nodes).toHaveLength(1);
  await ok(documents.DeletePostDocument, person, { id: createPost.id });

  const { accessPlan } = await ok(
    documents.AccessPlanDocument,
    server().withToken(created.createApiToken.plainTextToken),
    {
      document: 'mutation { deletePost(id: "x") }',
    },
  );
  expect(accessPlan).toMatchObject({ valid: true, sets: [['post:delete']], granted: [], missing: ['post:delete'] });
  await ok(documents.DeleteApiTokenDocument, person, { id });
  const another = await ok(documents.CreateApiTokenDocument, person, { name: 'Lost', abilities: ['delete'] });
  const { allApiTokens } = await ok(documents.AllApiTokensDocument, browser, { search: email, ability: 'post:delete' });
  expect(allApiTokens.nodes).toMatchObject([{ name: 'Lost', owner: { email, disabledAt: null } }]);
  const atStake = await ok(documents.TokensAtStakeDocument, browser, {});
  expect(atStake.allApiTokens.nodes).toMatchObject([
    { lastUsedAt: null, expiresAt: null, owner: { disabledAt: null } },
  ]);
  await ok(documents.RevokeApiTokenDocument, browser, { id: another.createApiToken.apiToken.id });

  const issued = await ok(documents.IssueApiTokenDocument, server().asGuest(), {
    email,
    password: `${password}!`,
    deviceName: 'Phone',
  });
  await ok(documents.RevokeCurrentApiTokenDocument, server().withToken(issued.issueApiToken.plainTextToken), {});

  const other = server().asGuest();
  await ok(documents.LoginDocument, other, { email, password: `${password}!` });
  const { sessions } = await ok(documents.SessionsDocument, person, {});
  expect(sessions).toHaveLength(2);
  await ok(documents.RevokeSessionDocument, person, { id: String(sessions.find((each) => !each.isCurrent)?.id) });
  expect((await ok(documents.RevokeOtherSessionsDocument, person, {})).revokeOtherSessions).toBe(0);
  const { users } = await ok(documents.UsersDocument, browser, { search: 'lovelace', administrator: false });
  expect(users.nodes).toMatchObject([{ email, administrator: false, disabledAt: null, apiTokenCount: 0 }]);
  const { user } = await ok(documents.UserDocument, browser, { id: String(users.nodes[0]?.id) });
  expect(user).toMatchObject({ name: 'Ada Lovelace', email });
  const { updateUser } = await ok(documents.UpdateUserDocument, browser, {
    id: String(users.nodes[0]?.id),
    administrator: true,
  });
  expect(updateUser.administrator).toBe(true);
  await ok(documents.LoginDocument, person, { email, password: `${password}!` });
  const { auditEvents } = await ok(documents.AuditEventsDocument, person, { first: 2 });
  expect(auditEvents.nodes).toMatchObject([
    { action: 'SESSION_BEGIN', actor: { name: 'Ada Lovelace' }, credentialKind: 'PASSWORD' },
    {
      action: 'USER_STANDING',
      changes: expect.arrayContaining([{ name: 'administrator', before: 'false', after: 'true' }]),
    },
  ]);
  await ok(documents.DeleteAccountDocument, person, { password: `${password}!` });

  const all = Object.entries(documents).filter(([name]) => name.endsWith('Document'));
  expect(all.filter(([, document]) => !sent.has(document)).map(([name]) => name)).toEqual([]);
});
