/**
 * The sequences of one context of llama.cpp: what each holds, and which of them a prompt is best begun from. Sequences
 * share the cells of what they have in common, so that a copy costs nothing; the least recently used are recycled.
 */
import type { Llama, Pointer } from "../llama.ts";

export interface Sequence {
  readonly id: number;
  /** What its cells hold, by position. */
  readonly tokens: number[];
  isBusy: boolean;
  /** When it was last released, in steps of a counter. */
  lastUsed: number;
}

type SequenceCalls = Pick<Llama, "removeFrom" | "copyPrefix">;

export class Sequences {
  readonly #llama: SequenceCalls;
  readonly #memory: Pointer;
  readonly #all: Sequence[];
  /** A state that cannot go back is only of use to what continues it. */
  readonly #canRewind: boolean;
  readonly #remembers: boolean;
  #clock = 0;

  /** `remembers`: what is released stays, for prompts to come; else it would only take cells. Default true. */
  constructor(
    llama: SequenceCalls,
    memory: Pointer,
    count: number,
    { canRewind, remembers = true }: { canRewind: boolean; remembers?: boolean },
  ) {
    this.#llama = llama;
    this.#memory = memory;
    this.#canRewind = canRewind;
    this.#remembers = remembers;
    this.#all = Array.from({ length: count }, (_, id) => ({ id, tokens: [], isBusy: false, lastUsed: 0 }));
  }

  /** A sequence that holds the longest known beginning of `tokens`, at most `limit`; none where all are busy. */
  acquire(tokens: readonly number[], limit: number): Sequence | undefined {
    const { best, shared } = this.#longestShared(tokens, limit);
    const target = this.#targetFor(best, shared);
    if (!target) return undefined;
    if (target === best) this.#truncate(target, shared);
    else {
      this.#truncate(target, 0);
      if (best && shared > 0) this.#copy(best, target, shared);
    }
    target.isBusy = true;
    return target;
  }

  /** A busy sequence that holds the same. */
  fork(from: Sequence): Sequence | undefined {
    const target = this.#recyclable();
    if (!target) return undefined;
    this.#truncate(target, 0);
    this.#copy(from, target, from.tokens.length);
    target.isBusy = true;
    return target;
  }

  release(sequence: Sequence): void {
    if (!this.#remembers) this.forget(sequence);
    sequence.isBusy = false;
    sequence.lastUsed = ++this.#clock;
  }

  forget(sequence: Sequence): void {
    this.#truncate(sequence, 0);
  }

  /** Gives up what the least recently used idle sequence holds; false where none holds anything. */
  evict(): boolean {
    const oldest = leastRecent(this.#all.filter(({ isBusy, tokens }) => !isBusy && tokens.length > 0));
    if (oldest) this.#truncate(oldest, 0);
    return oldest !== undefined;
  }

  #longestShared(tokens: readonly number[], limit: number) {
    let [best, shared]: [Sequence | undefined, number] = [undefined, 0];
    for (const sequence of this.#all) {
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
