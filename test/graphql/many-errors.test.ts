import { beforeAll, expect, test } from '@jest/globals';
import { type Client, testServer } from '../helper.js';

const server = testServer();
const selection = '{ posts(first: 3) { nodes { author { a: email b: email } } } }';
let client: Client;

beforeAll(async () => {
  const [author, reader] = [await server().user(), await server().user()];
  for (let i = 0; i < 3; i += 1) {
    await server().post(author);
  }
  client = await server().withSession(reader);
});

/** The places of the errors in an answer. */
async function placesIn(document: string): Promise<unknown[]> {
  const answer = await client.send(document);
  expect(answer.codes).toEqual(Array.from({ length: 6 }, () => 'FORBIDDEN'));
  return (JSON.parse(answer.text) as { errors: { locations?: unknown }[] }).errors.map(({ locations }) => locations);
}

test('errors of a document of as many lines as somebody would write tell where they are', async () => {
  const places = await placesIn(`${'\n'.repeat(900)}${selection}`);
  expect(new Set(places.map((place) => JSON.stringify(place)))).toEqual(
    new Set([38, 47].map((column) => JSON.stringify([{ line: 901, column }]))),
  );
});

test.each([
  ['line feeds', '\n'.repeat(40_000)],
  ['carriage returns', '\r'.repeat(40_000)],
  ['comments', '#\r\n'.repeat(15_000)],
])('D7, D9: nobody looks for the places of errors behind thousands of lines: %s', async (_name, lines) => {
  expect(await placesIn(`${lines}${selection}`)).toEqual(Array.from({ length: 6 }, () => undefined));
  expect(await placesIn(`query { ...A } fragment A on Query ${lines}${selection}`)).toEqual(
    Array.from({ length: 6 }, () => undefined),
  );
});

test('D7: nor do errors of validation tell them then', async () => {
  const answer = await client.send(`${'\n'.repeat(40_000)}{ nothing }`);
  expect(answer.codes).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  expect(JSON.parse(answer.text).errors[0].locations).toBeUndefined();
});

test('D1, D5: as many refusals as the aliases of nested pages make cost more than an operation may', async () => {
  const aliases = Array.from({ length: 15 }, (_, i) => `e${i}: email`).join(' ');
  const answer = await client.send(
    `{ posts(first: 100) { nodes { author { posts(first: 20) { nodes { author { ${aliases} } } } } } } }`,
  );
  expect(answer.codes).toEqual(['COST_LIMIT']);
});
