/**
 * How many threads to compute with, by what steps took of late. llama.cpp's threads wait for each other at every tensor,
 * spinning: beside other work on the machine as many threads as cores can be many times slower than one fewer.
 */

/** The most steps between two trials of another number. */
const MOST_INTERVAL = 1000;
/** Trials that fail take a thirtieth of the time, however slow they are. */
const TRIAL_SHARE = 1 / 30;
/** What the newest step counts for in the mean: much where it was fast, since what is slow is often an accident. */
const NEWEST = { faster: 0.5, slower: 0.15 };
/** A number that is faster by less is not worth a change. */
const FASTER = 0.9;
/** So many steps in a row that are slower than the mean by so much are no accident. */
const SLOW = { steps: 3, factor: 1.5 };
/** Steps of so many tokens and of more are alike; one of more counts as several. */
const MANY = 64;

/** Of steps of about one size, since few threads are best for few tokens. */
interface StepRecord {
  /** Which candidate is taken, and the milliseconds a token that it takes, a moving mean; unknown at first. */
  best: number;
  cost: number | undefined;
  /** Since the last trial, and from one to the next. */
  steps: number;
  interval: number;
  /** Slow ones in a row. */
  slow: number;
  /** Which neighbour of the best is tried next: one up, or one down. */
  side: 1 | -1;
}

export class ThreadChoice {
  readonly #candidates: readonly number[];
  readonly #start: number;
  readonly #alone: number;
  readonly #patience: number;
  readonly #records = new Map<number, StepRecord>();

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
   * For a step of so many tokens: with how many threads, and how many milliseconds it is `expected` to take. `measure` is
   * to be told how long it took.
   */
  next(tokens: number): { threads: number; expected: number; measure(milliseconds: number): void } {
    const record = this.#recordOf(tokens);
    const isFixed = tokens < this.#alone;
    const choice = isFixed ? 0 : this.#isTrial(record) ? this.#neighbour(record) : record.best;
    return {
      threads: this.#candidates[choice]!,
      expected: this.expected(tokens),
      measure: (milliseconds) => this.#learn(record, choice, milliseconds / tokens, Math.ceil(tokens / MANY)),
    };
  }

  /** Milliseconds that a step of so many tokens takes, or at most takes; infinitely many where nothing is known. */
  expected(tokens: number): number {
    for (let size = sizeOf(tokens); size >= 0; size--) {
      const cost = this.#records.get(size)?.cost;
      if (cost !== undefined) return cost * tokens;
    }
    return Number.POSITIVE_INFINITY;
  }

  #recordOf(tokens: number): StepRecord {
    const size = sizeOf(tokens);
    let record = this.#records.get(size);
    if (!record) {
      const best = tokens < this.#alone ? 0 : this.#start;
      record = { best, cost: undefined, steps: 0, interval: this.#intervalFor(size, best), slow: 0, side: 1 };
      this.#records.set(size, record);
    }
    return record;
  }

  /** Where fewer threads were slower for fewer tokens, they are slower for more: that need not be found out as soon. */
  #intervalFor(size: number, best: number): number {
    const all = this.#candidates.length - 1;
    for (let smaller = size - 1; smaller >= 0 && best === all; smaller--) {
      const record = this.#records.get(smaller);
      if (record?.best === all) return record.interval;
    }
    return this.#patience;
  }

  #isTrial({ steps, interval }: StepRecord): boolean {
    return this.#candidates.length > 1 && steps >= interval;
  }

  #neighbour({ best, side }: StepRecord): number {
    const inside = best + side >= 0 && best + side < this.#candidates.length;
    return inside ? best + side : best - side;
  }

  /** `weight`: how many steps it counts as. */
  #learn(record: StepRecord, choice: number, cost: number, weight: number): void {
    if (choice === record.best) this.#follow(record, cost, weight);
    else this.#compare(record, choice, cost, weight);
  }

  #follow(record: StepRecord, cost: number, weight: number): void {
    const mean = record.cost ?? cost;
    record.cost = mean + (cost < mean ? NEWEST.faster : NEWEST.slower) * (cost - mean);
    record.steps += weight;
    record.slow = cost > SLOW.factor * mean ? record.slow + 1 : 0;
    if (record.slow < SLOW.steps) return;
    // Other work has come: fewer threads are tried at once.
    record.interval = this.#patience;
    record.steps = record.interval;
    record.slow = 0;
    record.side = -1;
  }

  #compare(record: StepRecord, choice: number, cost: number, weight: number): void {
    record.steps = 0;
    if (cost < FASTER * record.cost!) {
      record.best = choice;
      record.cost = cost;
      record.interval = this.#patience;
    } else {
      const affordable = (weight * cost) / record.cost! / TRIAL_SHARE;
      record.interval = Math.min(MOST_INTERVAL, Math.max(2 * record.interval, affordable));
      record.side = record.side === 1 ? -1 : 1;
    }
  }
}

/** Which record is of a step of so many tokens. */
const sizeOf = (tokens: number) => Math.floor(Math.log2(Math.min(tokens, MANY)));

/** One, two, four and so on, and all. */
export function threadCandidates(cores: number): number[] {
  const powers = Array.from({ length: Math.ceil(Math.log2(cores)) }, (_, i) => 2 ** i);
  return [...powers, cores];
}
