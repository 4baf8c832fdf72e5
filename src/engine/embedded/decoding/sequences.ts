/**
 * The sequences of one context of llama.cpp: what each holds, and which of them a prompt is best begun from. Sequences
 * share the cells of what they have in common, so that a copy costs nothing; the least recently used are recycled.
 */
import type { AdapterScales } from "../adapters.ts";
import type { Llama, Pointer } from "../llama.ts";

export interface Sequence {
  readonly id: number;
  /** What its cells hold, by position. */
  readonly tokens: number[];
  /** What they were evaluated with: of use to the same only. */
  adapters: AdapterScales | undefined;
  isBusy: boolean;
  /** When it was last released: in steps of a counter, and in milliseconds. */
  lastUsed: number;
  releasedAt: number;
}

export interface SequencesOptions {
  /** False: a state that cannot go back, and is only of use to what continues it. */
  canRewind: boolean;
  /**
   * The most tokens that sequences at rest hold together, for prompts to come; 0: none hold any. Every batch looks at
   * the cells of all sequences, and passes over those of others. Default: any number.
   */
  remembered?: number;
}

/** Bytes of weights: such a model reads a prompt anew in less time than it takes to pass over what others left. */
const SMALL_MODEL = 64 * 2 ** 20;

/**
 * For `Sequences`, by the context (in tokens) and the bytes of the weights (default: many): a dialogue or two, and at most a quarter of the
 * context, of which 4,000 tokens make a prompt of a 1B a tenth slower on a CPU; of a small model, a question or two.
 */
export const rememberedIn = (contextSize: number, weightBytes = Number.POSITIVE_INFINITY) =>
  weightBytes < SMALL_MODEL ? 512 : Math.min(8192, contextSize >> 2);

/** What was released less than so many milliseconds ago, and is at least so many tokens long, may have a second step. */
const FRESH = { age: 1000, length: 512 };

type SequenceCalls = Pick<Llama, "removeFrom" | "copyPrefix" | "clear">;

export class Sequences {
  readonly #llama: SequenceCalls;
  readonly #memory: Pointer;
  readonly #all: Sequence[];
  readonly #canRewind: boolean;
  readonly #remembered: number;
  #clock = 0;

  constructor(
    llama: SequenceCalls,
    memory: Pointer,
    count: number,
    { canRewind, remembered = Number.POSITIVE_INFINITY }: SequencesOptions,
  ) {
    this.#llama = llama;
    this.#memory = memory;
    this.#canRewind = canRewind;
    this.#remembered = remembered;
    this.#all = Array.from({ length: count }, (_, id) => ({
      id,
      tokens: [],
      adapters: undefined,
      isBusy: false,
      lastUsed: 0,
      releasedAt: 0,
    }));
  }

  /** A sequence that holds the longest known beginning of `tokens`, at most `limit`; none where all are busy. */
  acquire(tokens: readonly number[], limit: number, adapters?: AdapterScales): Sequence | undefined {
    const { best, shared } = this.#longestShared(tokens, limit, adapters);
    const target = this.#targetFor(best, shared);
    if (!target) return undefined;
    if (target === best) this.#truncate(target, shared);
    else {
      this.#truncate(target, 0);
      if (best && shared > 0) this.#copy(best, target, shared);
    }
    target.adapters = adapters;
    target.isBusy = true;
    this.#forgetOld();
    return target;
  }

  /** A busy sequence that holds the same. */
  fork(from: Sequence): Sequence | undefined {
    const target = this.#recyclable();
    if (!target) return undefined;
    this.#truncate(target, 0);
    this.#copy(from, target, from.tokens.length);
    target.adapters = from.adapters;
    target.isBusy = true;
    return target;
  }

  release(sequence: Sequence): void {
    if (this.#remembered === 0) this.forget(sequence);
    sequence.isBusy = false;
    sequence.lastUsed = ++this.#clock;
    sequence.releasedAt = performance.now();
  }

  forget(sequence: Sequence): void {
    this.#truncate(sequence, 0);
  }

  /** Gives up what the least recently used idle sequence holds; false where none holds anything. */
  evict(): boolean {
    const oldest = this.#idle().at(-1);
    if (oldest) this.#truncate(oldest, 0);
    return oldest !== undefined;
  }

  /** Gives up what all hold, and what is left of it in cells that are free again. */
  clear(): void {
    for (const { tokens } of this.#all) tokens.length = 0;
    this.#llama.clear(this.#memory);
  }

  /** The latest stays, and what is long and was released a moment ago: a second step may be on its way. */
  #forgetOld(): void {
    const now = performance.now();
    let held = 0;
    for (const [age, sequence] of this.#idle().entries()) {
      held += sequence.tokens.length;
      const isFresh = now - sequence.releasedAt < FRESH.age && sequence.tokens.length >= FRESH.length;
      if (held > this.#remembered && age > 0 && !isFresh) this.forget(sequence);
    }
  }

  /** Those that hold something, latest first. */
  #idle(): Sequence[] {
    return this.#all
      .filter(({ isBusy, tokens }) => !isBusy && tokens.length > 0)
      .sort((a, b) => b.lastUsed - a.lastUsed);
  }

  #longestShared(tokens: readonly number[], limit: number, adapters: AdapterScales | undefined) {
    let [best, shared]: [Sequence | undefined, number] = [undefined, 0];
    for (const sequence of this.#all) {
      if (sequence.adapters !== adapters) continue;
      const length = Math.min(limit, commonLength(sequence.tokens, tokens));
      const isUsable = this.#canRewind || (!sequence.isBusy && length === sequence.tokens.length);
      // Of equals rather one that is idle: it can be taken as it is.
      if (isUsable && (length > shared || (length === shared && length > 0 && best?.isBusy)))
        [best, shared] = [sequence, length];
    }
    return { best, shared };
  }

  /** The best one itself where nothing of it is lost, else one whose contents are missed least. */
  #targetFor(best: Sequence | undefined, shared: number): Sequence | undefined {
    if (best && !best.isBusy && best.tokens.length === shared) return best;
    const other = this.#recyclable(best);
    return other ?? (best && !best.isBusy ? best : undefined);
  }

  #recyclable(except?: Sequence): Sequence | undefined {
    const idle = this.#all.filter((sequence) => !sequence.isBusy && sequence !== except);
    return idle.find(({ tokens }) => tokens.length === 0) ?? leastRecent(idle);
  }

  #copy(from: Sequence, to: Sequence, length: number): void {
    this.#llama.copyPrefix(this.#memory, from.id, to.id, length);
    for (let i = 0; i < length; i++) to.tokens.push(from.tokens[i]!);
  }

  #truncate(sequence: Sequence, length: number): void {
    if (sequence.tokens.length === length) return;
    // What cannot go back begins again.
    if (!this.#llama.removeFrom(this.#memory, sequence.id, length)) {
      this.#llama.removeFrom(this.#memory, sequence.id, 0);
      sequence.tokens.length = 0;
    } else sequence.tokens.length = length;
  }
}

export function commonLength(a: readonly number[], b: readonly number[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}

function leastRecent(sequences: readonly Sequence[]): Sequence | undefined {
  return sequences.reduce<Sequence | undefined>(
    (oldest, one) => (oldest && oldest.lastUsed <= one.lastUsed ? oldest : one),
    undefined,
  );
}
