import { postId } from '../dist/src/posts/post.entity.js';
import { userId } from '../dist/src/users/user.entity.js';
import { titleOf } from './data.js';

/** The document of a page of posts. */
export const pageDocument = (first) =>
  `{ posts(first: ${first}) { nodes { id title createdAt author { id name email } } } }`;
const viewerDocument = '{ viewer { user { id } } }';
const updateDocument = 'mutation ($id: ID!, $title: String!) { updatePost(id: $id, title: $title) { id title } }';
const deniedDocument = 'mutation { createPost(title: "No", body: "No") { id title author { id name } } }';

/** What the token of `denied` lacks for its document. */
export const missingAbilities = ['post:create', 'post:read', 'user:read'];

/** How many different titles a connection sends in turn, so that every update changes something. */
const titles = 64;

const get = (path) => [{ method: 'GET', path }];
const bearer = (token) => ({ authorization: `Bearer ${token}` });
const ok = (body) => body.indexOf('"errors"') < 0;

/** A page of posts as a bearer or as a session asks for it. */
export function pageWork(first, headersOf) {
  return {
    requests: (kind, facts) =>
      kind.graphql ? graphql(pageDocument(first), headersOf(facts)) : get(`/posts?first=${first}`),
    read: (kind, body) => readPosts(kind, body),
    expected: (database) => database.posts(first),
    succeeds: ok,
    // The same rows as in the verified answer have the same length.
    fixedLength: true,
  };
}

/** The works of the table, by name. `requests` gives what one connection sends in turn. */
export const works = {
  posts50: pageWork(50, (facts) => bearer(facts.token)),
  viewer: {
    requests: (kind, facts) =>
      kind.graphql ? graphql(viewerDocument, bearer(facts.token)) : get(`/user?id=${facts.administratorId}`),
    read: (kind, body) => ({ id: uuid(kind, userId, kind.graphql ? body.data.viewer.user.id : body.id) }),
    expected: (database) => ({ id: database.administratorId }),
    succeeds: ok,
    fixedLength: true,
  },
  updatePost: {
    requests: (kind, facts, connection) => {
      // Each connection changes a post of its own: on one post they would only wait for each other.
      const id = facts.ownPosts[connection % facts.ownPosts.length];
      return Array.from({ length: titles }, (_, index) => {
        const title = titleOf(connection * titles + index);
        if (!kind.graphql) {
          return { method: 'POST', path: '/post', body: { id, title } };
        }
        const variables = { id: kind.ids === 'typeid' ? postId.encode(id) : id, title };
        return graphql(updateDocument, bearer(facts.token), variables)[0];
      });
    },
    read: (kind, body) => {
      const post = kind.graphql ? body.data.updatePost : body;
      return { id: uuid(kind, postId, post.id), title: post.title };
    },
    // Read after the first request of the first connection, so that it must have been written.
    expected: (database) => database.post(database.ownPosts[0]),
    succeeds: ok,
    fixedLength: false,
  },
  denied: {
    requests: (kind, facts) =>
      kind.graphql ? graphql(deniedDocument, bearer(facts.weakToken)) : get(`/user?id=${facts.administratorId}`),
    read: (kind, body) =>
      kind.graphql ? { refused: body.errors?.length > 0 && body.data?.createPost == null } : { refused: true },
    expected: () => ({ refused: true }),
    succeeds: (body, kind) => !kind.graphql || !ok(body),
    fixedLength: false,
  },
  session: pageWork(50, (facts) => ({
    cookie: `__Host-latchkey=${facts.sessionSecret}`,
    'sec-fetch-site': 'same-origin',
  })),
};

/** Bearers that take turns, to look up tokens in all parts of the table. */
export function tokensWork(tokens) {
  return {
    requests: (_kind, _facts, connection) =>
      tokens.map(
        (_, index) => graphql(viewerDocument, bearer(tokens[(connection * 61 + index * 7) % tokens.length]))[0],
      ),
    read: works.viewer.read,
    expected: works.viewer.expected,
    succeeds: ok,
    fixedLength: true,
  };
}

function graphql(query, headers, variables) {
  const accept = 'application/graphql-response+json, application/json;q=0.9';
  return [{ method: 'POST', path: '/graphql', headers: { accept, ...headers }, body: { query, variables } }];
}

function readPosts(kind, body) {
  if (!kind.graphql) {
    return body.map(({ authorId, authorName, authorEmail, ...post }) => ({
      ...post,
      author: { id: authorId, name: authorName, email: authorEmail },
    }));
  }
  return body.data.posts.nodes.map(({ id, title, createdAt, author }) => ({
    id: uuid(kind, postId, id),
    title,
    createdAt,
    author: { id: uuid(kind, userId, author.id), name: author.name, email: author.email },
  }));
}

/** Latchkey's public ids stand for the same keys that the other servers show as they are. */
function uuid(kind, publicId, id) {
  return kind.ids === 'typeid' ? publicId.decode(id) : id;
}
