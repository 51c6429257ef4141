/** What was sent and what came back, act by act. */
export class Tally {
  #acts = new Map();
  #latencies = [];
  #surprises = [];
  requests = 0;
  unexpected = 0;

  count(act, { status, codes, ms, text }, expected) {
    const row = this.#row(act);
    const outcome = codes.length === 0 ? String(status) : codes[0];
    row.outcomes.set(outcome, (row.outcomes.get(outcome) ?? 0) + 1);
    row.requests += 1;
    this.requests += 1;
    // A sample is enough for percentiles and does not grow with the run.
    if (this.requests % 8 === 0) {
      this.#latencies.push(ms);
    }
    if (!expected) {
      this.#surprise(act, `${status} ${text.slice(0, 300)}`);
    }
  }

  lose(act, error) {
    const row = this.#row(act);
    row.outcomes.set('no answer', (row.outcomes.get('no answer') ?? 0) + 1);
    row.requests += 1;
    this.requests += 1;
    this.#surprise(act, String(error));
  }

  /** Acts in the order of their names, each with its requests and outcomes. */
  rows() {
    return [...this.#acts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([act, row]) => ({ act, ...row }));
  }

  /** How often each outcome came, all acts together. */
  outcomes() {
    const all = new Map();
    for (const { outcomes } of this.#acts.values()) {
      for (const [outcome, count] of outcomes) {
        all.set(outcome, (all.get(outcome) ?? 0) + count);
      }
    }
    return [...all].sort(([, a], [, b]) => b - a);
  }

  /** Milliseconds below which this share of the answers came. */
  percentile(share) {
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  }

  /** The first answers that were not expected. */
  get surprises() {
    return this.#surprises;
  }

  #surprise(act, what) {
    this.unexpected += 1;
    if (this.#surprises.length < 20) {
      this.#surprises.push(`${act}: ${what}`);
    }
  }

  #row(act) {
    let row = this.#acts.get(act);
    if (row === undefined) {
      row = { requests: 0, outcomes: new Map() };
      this.#acts.set(act, row);
    }
    return row;
  }
}
