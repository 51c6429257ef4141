import { setTimeout as sleep } from 'node:timers/promises';
import type { Asker, Pair } from './pair.js';

/** One answered request; moments are milliseconds of `performance.now()`. */
export interface Answered {
  readonly server: number;
  readonly began: number;
  readonly ended: number;
  /** The code of the refusal, or the kind of who asked. */
  readonly outcome: string;
}

const viewer = '{ viewer { kind } }';

export async function askOnce(pair: Pair, server: number, asker: Asker): Promise<Answered> {
  const began = performance.now();
  const { codes, data } = await pair.ask(server, asker, viewer);
  return { server, began, ended: performance.now(), outcome: codes[0] ?? data.viewer.kind };
}

/** Requests with one credential without a pause, over several lanes at each of the two servers. */
export class Stream {
  readonly answered: Answered[] = [];
  private flowing = true;
  private readonly lanes: Promise<void>[];

  constructor(pair: Pair, asker: Asker, lanes: number) {
    this.lanes = Array.from({ length: lanes * 2 }, async (_, lane) => {
      while (this.flowing) {
        this.answered.push(await askOnce(pair, lane % 2, asker));
      }
    });
  }

  /** Lets so many more requests be answered. */
  async pass(count: number): Promise<void> {
    const until = this.answered.length + count;
    while (this.answered.length < until) {
      await sleep(2);
    }
  }

  async stop(): Promise<readonly Answered[]> {
    this.flowing = false;
    await Promise.all(this.lanes);
    return this.answered;
  }
}
