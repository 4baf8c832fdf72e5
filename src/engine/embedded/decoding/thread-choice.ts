/**
 * How many threads to compute with, by what steps took of late. llama.cpp's threads wait for each other at every tensor,
 * spinning: beside other work on the machine as many threads as cores can be many times slower than one fewer.
 */

/** The most steps between two trials of another number. */
const MOST_INTERVAL = 512;
/** What the newest step counts for in the mean. */
const NEWEST = 0.15;

/** Of steps of about one size, since few threads are best for few tokens. */
interface Record {
  /** Milliseconds a token with each number of threads: a moving mean, or the latest trial; unknown at first. */
  cost: (number | undefined)[];
  best: number;
  steps: number;
  interval: number;
  /** Which neighbour of the best is tried next: one up, or one down. */
  side: 1 | -1;
}

export class ThreadChoice {
  readonly #candidates: readonly number[];
  readonly #start: number;
  readonly #alone: number;
  readonly #patience: number;
  readonly #records = new Map<number, Record>();

  /**
   * `candidates`: ascending; `start`, one of them, is taken until another is found to be faster: the first trial comes
   * after `patience` steps, since it may be slow (default 8). Steps of fewer tokens than `alone` (default: none) always
   * take the first one.
   */
  constructor(candidates: readonly number[], start = candidates[0]!, { alone = 0, patience = 8 } = {}) {
    this.#candidates = candidates;
    this.#start = candidates.indexOf(start);
    this.#alone = alone;
    this.#patience = patience;
  }

  get most(): number {
    return this.#candidates.at(-1)!;
  }

  /**
   * For a step of so many tokens: with how many threads, and how many milliseconds it is expected to take (infinitely
   * many where nothing is known). `measure` is to be told how long it took.
   */
  next(tokens: number): { threads: number; expected: number; measure(milliseconds: number): void } {
    const record = this.#recordOf(tokens);
    const isFixed = tokens < this.#alone;
    const choice = isFixed ? 0 : this.#isTrial(record) ? this.#neighbour(record) : record.best;
    return {
      threads: this.#candidates[choice]!,
      expected: (record.cost[choice] ?? Number.POSITIVE_INFINITY) * tokens,
      measure: (milliseconds) => this.#learn(record, choice, milliseconds / tokens),
    };
  }

  #recordOf(tokens: number): Record {
    const size = Math.floor(Math.log2(tokens));
    let record = this.#records.get(size);
    if (!record) {
      const best = tokens < this.#alone ? 0 : this.#start;
      record = { cost: [], best, steps: 0, interval: this.#patience, side: 1 };
      this.#records.set(size, record);
    }
    return record;
  }

  #isTrial({ steps, interval }: Record): boolean {
    return this.#candidates.length > 1 && steps >= interval;
  }

  #neighbour({ best, side }: Record): number {
    const inside = best + side >= 0 && best + side < this.#candidates.length;
    return inside ? best + side : best - side;
  }

  #learn(record: Record, choice: number, cost: number): void {
    const { best } = record;
    const known = record.cost[choice];
    const isTrial = choice !== best;
    record.cost[choice] = isTrial || known === undefined ? cost : known + NEWEST * (cost - known);
    record.steps = isTrial ? 0 : record.steps + 1;
    record.best = record.cost.reduce<number>(
      (least, other, i) => (other !== undefined && other < (record.cost[least] ?? Infinity) ? i : least),
      best,
    );
    if (record.best !== best) record.interval = this.#patience;
    else if (isTrial) {
      record.interval = Math.min(MOST_INTERVAL, 2 * record.interval);
      record.side = record.side === 1 ? -1 : 1;
    }
  }
}

/** One, two, four and so on, and all. */
export function threadCandidates(cores: number): number[] {
  const powers = Array.from({ length: Math.ceil(Math.log2(cores)) }, (_, i) => 2 ** i);
  return [...powers, cores];
}
