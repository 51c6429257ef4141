import { setTimeout as sleep } from 'node:timers/promises';

/** Pseudo-random numbers from 0 to below 1 that a seed decides (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One who acts, again and again, until it is over; each act is drawn by its weight. */
export class Actor {
  constructor({ client, tally, seed, pauseMs }) {
    this.client = client;
    this.tally = tally;
    this.random = randomFrom(seed);
    this.pauseMs = pauseMs;
  }

  pick(list) {
    return list[Math.floor(this.random() * list.length)];
  }

  /** Sends a request of an act and counts its answer; `expected` says which answers are right. */
  async send(act, expected, request) {
    try {
      const answer = await request(this.client);
      this.tally.count(act, answer, expected(answer));
      return answer;
    } catch (error) {
      this.tally.lose(act, error);
      return null;
    }
  }

  async run(acts, deadline) {
    const total = acts.reduce((sum, { weight }) => sum + weight, 0);
    while (Date.now() < deadline) {
      await this.#draw(acts, this.random() * total).act(this);
      await sleep(this.pauseMs * (0.5 + this.random()));
    }
  }

  #draw(acts, at) {
    let end = 0;
    for (const candidate of acts) {
      end += candidate.weight;
      if (at < end) {
        return candidate;
      }
    }
    return acts[0];
  }
}

/** An answer without errors. */
export const succeeds = ({ status, codes }) => status === 200 && codes.length === 0;

/** An answer with one of these codes as its first error. */
export const answers =
  (...codes) =>
  (answer) =>
    codes.includes(answer.codes[0]);
