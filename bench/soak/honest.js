import { answers, succeeds } from './actor.js';

const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString();

/** The headers by which an actor is known: a browser's cookie or a program's token. */
const cookieOf = (actor) => ({ cookie: actor.person.cookie });
const tokenOf = (actor) => ({ authorization: `Bearer ${actor.person.token}` });
const eitherOf = (actor) => (actor.random() < 0.5 ? cookieOf(actor) : tokenOf(actor));

const feed = `query Feed($first: Int!, $after: String) {
  posts(first: $first, after: $after) { nodes { id title author { id name } } pageInfo { hasNextPage endCursor } }
}`;

/** What people and programs do that mean well, with weights. Every answer of theirs must be a success. */
export const honestActs = [
  {
    weight: 30,
    act: async (actor) => {
      const headers = eitherOf(actor);
      let after = null;
      for (let page = 0; page < 2; page += 1) {
        const answer = await actor.send('reads posts', succeeds, (client) =>
          client.ask(feed, { first: 20, after }, headers),
        );
        after = answer?.data?.posts?.pageInfo?.endCursor ?? null;
        if (after === null) {
          return;
        }
      }
    },
  },
  {
    weight: 15,
    act: (actor) =>
      actor.send('asks who it is', succeeds, (client) =>
        client.ask('{ viewer { kind abilities user { id name email } } apiSettings { enabled } }', {}, eitherOf(actor)),
      ),
  },
  {
    weight: 8,
    act: async (actor) => {
      const headers = eitherOf(actor);
      const made = await actor.send('writes a post', succeeds, (client) =>
        client.ask(
          'mutation ($title: String!, $body: String!) { createPost(title: $title, body: $body, published: true) { id } }',
          { title: `A title ${Math.floor(actor.random() * 1e6)}`, body: 'A text. '.repeat(40) },
          headers,
        ),
      );
      const id = made?.data?.createPost?.id;
      if (id === undefined) {
        return;
      }
      await actor.send('changes a post', succeeds, (client) =>
        client.ask('mutation ($id: ID!) { updatePost(id: $id, title: "Another title") { id title } }', { id }, headers),
      );
      await actor.send('reads a post', succeeds, (client) =>
        client.ask('query ($id: ID!) { post(id: $id) { id title body author { name } } }', { id }, headers),
      );
      await actor.send('deletes a post', succeeds, (client) =>
        client.ask('mutation ($id: ID!) { deletePost(id: $id) }', { id }, headers),
      );
    },
  },
  {
    weight: 3,
    act: async (actor) => {
      const made = await actor.send('creates a token', succeeds, (client) =>
        client.ask(
          `mutation ($expiresAt: DateTime!) {
            createApiToken(name: "Soak", abilities: ["post:read", "user:read"], expiresAt: $expiresAt) { plainTextToken apiToken { id } }
          }`,
          { expiresAt: tomorrow() },
          cookieOf(actor),
        ),
      );
      const token = made?.data?.createApiToken;
      if (token == null) {
        return;
      }
      const headers = { authorization: `Bearer ${token.plainTextToken}` };
      await actor.send('uses a new token', succeeds, (client) => client.ask(feed, { first: 5 }, headers));
      await actor.send('deletes a token', succeeds, (client) =>
        client.ask('mutation ($id: ID!) { deleteApiToken(id: $id) }', { id: token.apiToken.id }, cookieOf(actor)),
      );
      await actor.send('uses a deleted token', answers('UNAUTHENTICATED'), (client) =>
        client.ask('{ viewer { kind } }', {}, headers),
      );
    },
  },
  {
    weight: 1,
    act: async (actor) => {
      const { email, password } = actor.person;
      const answer = await actor.send('signs in', succeeds, (client) =>
        client.ask(
          'mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { kind } }',
          { email, password },
        ),
      );
      const cookie = answer?.headers['set-cookie']?.[0]?.split(';')[0];
      if (cookie === undefined) {
        return;
      }
      await actor.send('signs out', succeeds, (client) => client.ask('mutation { logout { kind } }', {}, { cookie }));
    },
  },
  {
    weight: 2,
    act: (actor) =>
      actor.send('plans a document', succeeds, (client) =>
        client.ask(
          'query ($document: String!) { accessPlan(document: $document) { sets } }',
          {
            document: '{ posts { nodes { id title } } }',
          },
          eitherOf(actor),
        ),
      ),
  },
];
