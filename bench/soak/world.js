import { randomBytes } from 'node:crypto';

export const administrator = { email: 'operator@example.com', password: randomBytes(18).toString('base64url') };

const must = (answer) => {
  if (answer.status !== 200 || answer.codes.length > 0) {
    throw new Error(`The soak could not be prepared: ${answer.status} ${answer.text}`);
  }
  return answer;
};

const cookieIn = (answer) => answer.headers['set-cookie'][0].split(';')[0];

/** Switches the API on and makes accounts, each with a session, a token and posts, all through the API itself. */
export async function prepare(client, people, postsEach) {
  const signIn =
    'mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { kind } }';
  const cookie = cookieIn(must(await client.ask(signIn, administrator)));
  must(await client.ask('mutation { updateApiSettings(enabled: true) { enabled } }', {}, { cookie }));
  const made = [];
  for (let index = 0; index < people; index += 1) {
    made.push(await person(client, index, postsEach));
  }
  return made;
}

async function person(client, index, posts) {
  const account = {
    name: `Person ${index}`,
    email: `person-${index}@example.com`,
    password: randomBytes(18).toString('base64url'),
  };
  const cookie = cookieIn(
    must(
      await client.ask(
        'mutation ($name: String!, $email: String!, $password: String!) { register(name: $name, email: $email, password: $password) { kind } }',
        account,
      ),
    ),
  );
  const { data } = must(
    await client.ask(
      'mutation { createApiToken(name: "Program", abilities: ["create", "read", "update", "delete"]) { plainTextToken } }',
      {},
      { cookie },
    ),
  );
  for (let post = 0; post < posts; post += 1) {
    must(
      await client.ask(
        'mutation ($title: String!) { createPost(title: $title, body: "A text.", published: true) { id } }',
        { title: `Post ${post} of person ${index}` },
        { cookie },
      ),
    );
  }
  return { ...account, cookie, token: data.createApiToken.plainTextToken };
}
