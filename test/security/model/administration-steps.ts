import { expect } from '@jest/globals';
import { anyone, type Kind, told } from './step.js';

const lifetimes = [null, 1, 2] as const;

/** What administrators decide. */
export const administrationSteps: Readonly<Record<string, Kind>> = {
  switchApi: {
    weight: 4,
    async run(world, pair, { server, who, right }) {
      const asker = anyone(world, who);
      // Most often on: while the API is off, most other steps are refused.
      const answer = await pair.ask(
        server,
        asker,
        'mutation ($enabled: Boolean!) { updateApiSettings(enabled: $enabled) { enabled } }',
        { enabled: right },
      );
      if (told(answer, world.changesSettings(asker))) {
        world.enabled = right;
      }
    },
  },
  limitLifetime: {
    weight: 2,
    async run(world, pair, { server, who, whom }) {
      const asker = anyone(world, who);
      const days = lifetimes[whom % lifetimes.length] ?? null;
      const answer = await pair.ask(
        server,
        asker,
        'mutation ($days: Int) { updateApiSettings(maximumTokenLifetimeDays: $days) { __typename } }',
        { days },
      );
      if (told(answer, world.changesSettings(asker))) {
        world.lifetimeDays = days;
      }
    },
  },
  updateUser: {
    weight: 5,
    async run(world, pair, { server, who, whom, yes }) {
      const asker = anyone(world, who);
      const account = world.accounts[whom % world.accounts.length] ?? null;
      if (account === null) {
        throw new Error('There is always an account.');
      }
      const change = whom % 2 === 0 ? { administrator: yes } : { disabled: yes && whom % 3 === 0 };
      const answer = await pair.ask(
        server,
        asker,
        `mutation ($id: ID!, $administrator: Boolean, $disabled: Boolean) {
          updateUser(id: $id, administrator: $administrator, disabled: $disabled) { administrator disabledAt }
        }`,
        { id: account.id, ...change },
      );
      const refusal = account === world.user(asker) ? 'CONFLICT' : account.gone ? 'NOT_FOUND' : null;
      if (!told(answer, world.administers(asker) ?? refusal)) {
        return;
      }
      const { administrator, disabled } = { ...account, ...change };
      const { data } = answer;
      expect([data.updateUser.administrator, data.updateUser.disabledAt !== null]).toEqual([administrator, disabled]);
      if (administrator !== account.administrator || disabled !== account.disabled) {
        world.touched.push(...world.browsersOf(account), ...world.tokensOf(account));
        world.endSessions(account);
        Object.assign(account, { administrator, disabled });
      }
    },
  },
};
