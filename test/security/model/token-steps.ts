import { expect } from '@jest/globals';
import { apiTokenId } from '../../../src/auth/api-token-id.js';
import type { Answer } from '../../helper.js';
import { anyone, type Draw, type Kind, someToken, told, typed } from './step.js';
import { type Account, guest, type Refusal, type Token, tokensPerUser, type World } from './world.js';

/** Milliseconds from now. */
const endings = { none: null, hours: 12 * 3_600_000, days: 3 * 86_400_000, past: -1_000 };

function refusedGrant(world: World, account: Account, { abilities, end }: Pick<Draw, 'abilities' | 'end'>): Refusal {
  const tooLong = end === 'days' && world.lifetimeDays !== null;
  const tooMany = world.tokensOf(account).length >= tokensPerUser;
  const bad = !world.mayGrant(abilities, account) || end === 'past' || tooLong || tooMany;
  return bad ? 'BAD_USER_INPUT' : null;
}

function issued(world: World, account: Account, made: Answer['data'], name: string, abilities: readonly string[]) {
  const token: Token = {
    kind: 'token',
    account,
    id: made.apiToken.id,
    text: made.plainTextToken,
    name,
    abilities,
    aged: false,
    over: false,
    revoked: false,
  };
  world.tokens.push(token);
  world.touched.push(token);
}

/** Programs and their tokens. */
export const tokenSteps: Readonly<Record<string, Kind>> = {
  createApiToken: {
    weight: 8,
    async run(world, pair, { server, who, abilities, end }) {
      const asker = anyone(world, who);
      const name = `token ${world.steps}`;
      const ms = endings[end];
      const answer = await pair.ask(
        server,
        asker,
        `mutation ($name: String!, $abilities: [String!]!, $expiresAt: DateTime) {
          createApiToken(name: $name, abilities: $abilities, expiresAt: $expiresAt) { plainTextToken apiToken { id } }
        }`,
        { name, abilities, expiresAt: ms === null ? null : new Date(Date.now() + ms).toISOString() },
      );
      const account = world.user(asker);
      const refusal = world.managesTokens(asker) ?? (account && refusedGrant(world, account, { abilities, end }));
      if (told(answer, refusal) && account !== null) {
        issued(world, account, answer.data.createApiToken, name, abilities);
      }
    },
  },
  issueApiToken: {
    weight: 2,
    async run(world, pair, { server, seat, right, yes, abilities }) {
      const account = world.seat(seat);
      const answer = await pair.ask(
        server,
        guest,
        `mutation ($email: String!, $password: String!, $abilities: [String!]) {
          issueApiToken(email: $email, password: $password, deviceName: "device", abilities: $abilities) {
            plainTextToken apiToken { id }
          }
        }`,
        { email: `seat-${seat}@example.com`, password: typed(account, right), abilities: yes ? null : abilities },
      );
      const wanted = yes ? ['read'] : abilities;
      const known = right && account !== null && !account.disabled ? account : null;
      const refusal =
        (world.enabled ? null : 'API_DISABLED') ??
        (known === null ? 'UNAUTHENTICATED' : refusedGrant(world, known, { abilities: wanted, end: 'none' }));
      if (told(answer, refusal) && known !== null) {
        issued(world, known, answer.data.issueApiToken, 'device', wanted);
      }
    },
  },
  updateApiToken: {
    weight: 5,
    applies: (world) => world.tokens.length > 0,
    async run(world, pair, { server, who, whom, yes, abilities }) {
      const asker = anyone(world, who);
      const token = someToken(world, whom) as Token;
      const name = `renamed ${world.steps}`;
      const answer = await pair.ask(
        server,
        asker,
        `mutation ($id: ID!, $name: String, $abilities: [String!]) {
          updateApiToken(id: $id, name: $name, abilities: $abilities) { id name abilities }
        }`,
        { id: token.id, name, abilities: yes ? null : abilities },
      );
      const account = world.user(asker);
      const foreign = token.account !== account || token.revoked;
      const bad = !yes && account !== null && !world.mayGrant(abilities, account);
      if (told(answer, world.managesTokens(asker) ?? (foreign ? 'NOT_FOUND' : bad ? 'BAD_USER_INPUT' : null))) {
        token.name = name;
        token.abilities = yes ? token.abilities : abilities;
      }
    },
  },
  deleteApiToken: {
    weight: 4,
    applies: (world) => world.tokens.length > 0,
    async run(world, pair, { server, who, whom }) {
      const asker = anyone(world, who);
      const token = someToken(world, whom) as Token;
      const answer = await pair.ask(server, asker, 'mutation ($id: ID!) { deleteApiToken(id: $id) }', { id: token.id });
      const foreign = token.account !== world.user(asker) || token.revoked;
      if (told(answer, world.managesTokens(asker) ?? (foreign ? 'NOT_FOUND' : null))) {
        token.revoked = true;
      }
    },
  },
  revokeApiToken: {
    weight: 2,
    applies: (world) => world.tokens.length > 0,
    async run(world, pair, { server, who, whom }) {
      const asker = anyone(world, who);
      const token = someToken(world, whom) as Token;
      const answer = await pair.ask(server, asker, 'mutation ($id: ID!) { revokeApiToken(id: $id) }', { id: token.id });
      if (told(answer, world.administers(asker) ?? (token.revoked ? 'NOT_FOUND' : null))) {
        token.revoked = true;
      }
    },
  },
  revokeCurrentApiToken: {
    weight: 2,
    async run(world, pair, { server, who, whom, yes }) {
      const asker = yes ? anyone(world, who) : (someToken(world, whom) ?? guest);
      const answer = await pair.ask(server, asker, 'mutation { revokeCurrentApiToken }');
      const stranger = world.user(asker) === null ? 'UNAUTHENTICATED' : 'FORBIDDEN';
      if (told(answer, world.refusal(asker) ?? (asker.kind === 'token' ? null : stranger)) && asker.kind === 'token') {
        expect(answer.data.revokeCurrentApiToken).toBe(asker.id);
        asker.revoked = true;
      }
    },
  },
  createPost: {
    weight: 4,
    async run(world, pair, { server, who, whom, yes }) {
      const asker = yes ? anyone(world, who) : (someToken(world, whom) ?? guest);
      const answer = await pair.ask(server, asker, 'mutation { createPost(title: "T", body: "") { __typename } }');
      // What it gives back is read.
      told(answer, world.able(asker, 'post:create') ?? world.able(asker, 'post:read'));
    },
  },
  endToken: {
    weight: 2,
    applies: (world) => world.tokens.length > 0,
    async run(world, pair, { whom }) {
      const token = someToken(world, whom) as Token;
      await pair.sql(`update api_tokens set expires_at = now() - interval '1 millisecond' where id = $1`, [
        apiTokenId.decode(token.id),
      ]);
      token.over = true;
    },
  },
  ageToken: {
    weight: 1,
    applies: (world) => world.tokens.some(({ aged }) => !aged),
    async run(world, pair, { whom }) {
      const young = world.tokens.filter(({ aged }) => !aged);
      const token = young[whom % young.length] as Token;
      world.touched.push(token);
      await pair.sql(`update api_tokens set created_at = created_at - interval '30 hours' where id = $1`, [
        apiTokenId.decode(token.id),
      ]);
      token.aged = true;
    },
  },
};
