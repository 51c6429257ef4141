import { expect } from '@jest/globals';
import { type Answer, password } from '../../helper.js';
import type { Pair } from '../pair.js';
import { type Account, type Credential, guest, type Refusal, type Token, type World } from './world.js';

/** The dice of one step; each kind of step reads those that it needs. */
export interface Draw {
  /** Which process takes the step. */
  readonly server: number;
  readonly who: number;
  readonly whom: number;
  readonly seat: number;
  readonly yes: boolean;
  /** Whether the password is the right one. */
  readonly right: boolean;
  readonly abilities: readonly string[];
  readonly end: 'none' | 'hours' | 'days' | 'past';
}

export interface Kind {
  /** How often, beside the others. */
  readonly weight: number;
  applies?(world: World): boolean;
  run(world: World, pair: Pair, draw: Draw): Promise<void>;
}

export const viewerFields = '{ kind user { id } abilities }';

/** Says what an answer must be, and whether the step went through. */
export function told(answer: Answer, refusal: Refusal): boolean {
  expect(answer.codes).toEqual(refusal === null ? [] : [refusal]);
  return refusal === null;
}

/** One of a list; four times of five one that is alive, if there is any. */
export function pick<Item extends Credential>(world: World, items: readonly Item[], die: number): Item | undefined {
  const alive = items.filter((item) => world.isAlive(item));
  const among = die % 5 === 0 || alive.length === 0 ? items : alive;
  return among[Math.floor(die / 5) % Math.max(1, among.length)];
}

/** Anyone: most often a browser, sometimes a token or a guest. */
export function anyone(world: World, die: number): Credential {
  const kinds: readonly Credential[][] = [world.browsers, world.browsers, world.browsers, world.tokens, [guest]];
  const chosen = pick(world, kinds[die % kinds.length] ?? [], Math.floor(die / kinds.length)) ?? guest;
  world.touched.push(chosen);
  return chosen;
}

export function someToken(world: World, die: number): Token | undefined {
  const token = pick(world, world.tokens, die);
  world.touched.push(...(token === undefined ? [] : [token]));
  return token;
}

/** What is typed for a password. */
export const typed = (account: Account | null, right: boolean) =>
  right ? (account?.password ?? password) : 'not the password';
