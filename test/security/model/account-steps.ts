import { expect } from '@jest/globals';
import { sessionId } from '../../../src/sessions/session.entity.js';
import { type Answer, password } from '../../helper.js';
import type { Pair } from '../pair.js';
import { anyone, type Kind, pick, told, typed, viewerFields } from './step.js';
import { type Account, type Browser, type Credential, guest, type World } from './world.js';

/** Takes down the session that an answer began, in the place of the one that asked. */
async function signedIn(world: World, pair: Pair, server: number, answer: Answer, account: Account, asker: Credential) {
  if (asker.kind === 'browser') {
    asker.ended = true;
  }
  const [cookie = ''] = answer.headers.getSetCookie()[0]?.split(';') ?? [];
  const known: Browser = { kind: 'browser', account, cookie, id: '', ended: false, over: false };
  const { data } = await pair.ask(1 - server, known, '{ sessions { id isCurrent } }');
  const [mine] = data.sessions.filter((session: { isCurrent: boolean }) => session.isCurrent);
  const browser = { ...known, id: mine.id };
  expect(data.sessions).toHaveLength(world.browsersOf(account).length + 1);
  world.browsers.push(browser);
  world.touched.push(browser);
  return browser;
}

/** People and their browsers. */
export const accountSteps: Readonly<Record<string, Kind>> = {
  register: {
    weight: 3,
    async run(world, pair, { server, who, seat }) {
      const asker = anyone(world, who);
      const email = `seat-${seat}@example.com`;
      const answer = await pair.ask(
        server,
        asker,
        `mutation ($email: String!, $password: String!) {
          register(name: "Someone", email: $email, password: $password) ${viewerFields}
        }`,
        { email: email.toUpperCase(), password },
      );
      if (told(answer, world.refusal(asker) ?? (world.seat(seat) === null ? null : 'CONFLICT'))) {
        const { id } = answer.data.register.user;
        const account = { seat, id, email, password, administrator: false, disabled: false, gone: false };
        world.accounts.push(account);
        const browser = await signedIn(world, pair, server, answer, account, asker);
        expect(answer.data.register).toEqual(world.viewer(browser));
      }
    },
  },
  login: {
    weight: 6,
    async run(world, pair, { server, who, seat, right, yes }) {
      const asker = yes ? guest : anyone(world, who);
      const account = world.seat(seat);
      const answer = await pair.ask(
        server,
        asker,
        `mutation ($email: String!, $password: String!) { login(email: $email, password: $password) ${viewerFields} }`,
        { email: `seat-${seat}@example.com`, password: typed(account, right) },
      );
      const unknown = !right || account === null || account.disabled;
      if (told(answer, world.refusal(asker) ?? (unknown ? 'UNAUTHENTICATED' : null)) && account !== null) {
        const browser = await signedIn(world, pair, server, answer, account, asker);
        expect(answer.data.login).toEqual(world.viewer(browser));
      }
    },
  },
  logout: {
    weight: 2,
    async run(world, pair, { server, who }) {
      const asker = anyone(world, who);
      const answer = await pair.ask(server, asker, `mutation { logout ${viewerFields} }`);
      if (told(answer, world.firstParty(asker)) && asker.kind === 'browser') {
        asker.ended = true;
        expect(answer.data.logout).toEqual(world.viewer(asker));
      }
    },
  },
  updatePassword: {
    weight: 2,
    async run(world, pair, { server, who, right }) {
      const asker = anyone(world, who);
      const account = world.user(asker);
      const next = `another password ${world.steps}`;
      const answer = await pair.ask(
        server,
        asker,
        `mutation ($old: String!, $new: String!) { updatePassword(currentPassword: $old, newPassword: $new) ${viewerFields} }`,
        { old: typed(account, right), new: next },
      );
      if (told(answer, world.firstParty(asker) ?? (right ? null : 'BAD_USER_INPUT')) && account !== null) {
        account.password = next;
        world.touched.push(...world.browsersOf(account));
        world.endSessions(account);
        const browser = await signedIn(world, pair, server, answer, account, asker);
        expect(answer.data.updatePassword).toEqual(world.viewer(browser));
      }
    },
  },
  deleteAccount: {
    weight: 1,
    async run(world, pair, { server, who, right }) {
      const asker = anyone(world, who);
      const account = world.user(asker);
      const answer = await pair.ask(
        server,
        asker,
        `mutation ($password: String!) { deleteAccount(password: $password) ${viewerFields} }`,
        { password: typed(account, right) },
      );
      const last = account?.administrator && world.isLastAdministrator(account);
      const refusal = right ? (last ? 'CONFLICT' : null) : 'BAD_USER_INPUT';
      if (told(answer, world.firstParty(asker) ?? refusal) && account !== null) {
        world.remove(account);
        expect(answer.data.deleteAccount).toEqual(world.viewer(guest));
      }
    },
  },
  revokeOtherSessions: {
    weight: 2,
    async run(world, pair, { server, who }) {
      const asker = anyone(world, who);
      const answer = await pair.ask(server, asker, 'mutation { revokeOtherSessions }');
      if (told(answer, world.firstParty(asker)) && asker.kind === 'browser') {
        world.touched.push(...world.browsersOf(asker.account));
        expect(answer.data.revokeOtherSessions).toBe(world.endSessions(asker.account, asker));
      }
    },
  },
  endSession: {
    weight: 1,
    applies: (world) => world.browsers.some(({ ended }) => !ended),
    async run(world, pair, { whom, yes }) {
      const there = world.browsers.filter(({ ended }) => !ended);
      const browser = there[whom % there.length] as Browser;
      world.touched.push(browser);
      const change = yes ? 'expires_at = now()' : `last_active_at = last_active_at - interval '2 hours'`;
      await pair.sql(`update sessions set ${change} where id = $1`, [sessionId.decode(browser.id)]);
      browser.ended = true;
      browser.over = true;
    },
  },
  revokeSession: {
    weight: 2,
    applies: (world) => world.browsers.some(({ over }) => !over),
    async run(world, pair, { server, who, whom }) {
      const asker = anyone(world, who);
      const there = world.browsers.filter(({ over }) => !over);
      const browser = pick(world, there, whom) as Browser;
      world.touched.push(browser);
      const answer = await pair.ask(server, asker, 'mutation ($id: ID!) { revokeSession(id: $id) }', {
        id: browser.id,
      });
      const foreign = browser.account !== world.user(asker) || browser.ended;
      if (told(answer, world.firstParty(asker) ?? (foreign ? 'NOT_FOUND' : null))) {
        browser.ended = true;
      }
    },
  },
};
