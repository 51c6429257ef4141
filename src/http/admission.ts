/** Often enough to follow a load that changes. */
const turnMs = 500;

/** More than a full queue of passwords, so that slow logins alone keep nobody out. */
const standingFrom = 200;

/**
 * How many requests may be under way. A burst may fill the limit, because it drains. A crowd that stays for a whole turn
 * would wait longer and longer, for connections of the pool above all, until most of the work is for clients that have
 * given up; then no more come in than were finished in the last turn, which is what the next one can do. Once the crowd
 * has gone, twice as many may come with every turn.
 */
export class Admission {
  #underWay = 0;
  #fewest = 0;
  #finished = 0;
  #allowed: number;
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly limit: number) {
    this.#allowed = limit;
    this.#timer = setInterval(() => this.turn(), turnMs).unref();
  }

  get isFull(): boolean {
    return this.#underWay >= this.#allowed;
  }

  enter(): void {
    this.#underWay += 1;
  }

  /** What came to nothing is no measure of what the next turn can do. */
  leave(wasServed: boolean): void {
    this.#underWay -= 1;
    this.#finished += wasServed ? 1 : 0;
    this.#fewest = Math.min(this.#fewest, this.#underWay);
  }

  /** Looks back at a turn and decides for the next; the timer does it. */
  turn(): void {
    const isStanding = this.#fewest >= standingFrom;
    const next = isStanding ? Math.max(standingFrom, this.#finished) : 2 * this.#allowed;
    this.#allowed = Math.min(this.limit, next);
    this.#fewest = this.#underWay;
    this.#finished = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
