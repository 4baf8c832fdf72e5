/**
 * The sequences of one context of llama.cpp: what each holds, and which of them a prompt is best begun from. Sequences
 * share the cells of what they have in common, so that a copy costs nothing. What is at rest leaves its cells as soon as
 * another request comes, for the prompt cache, and comes back from there; what is long, and the cache has no room for, stays
 * in its cells until somebody needs them. So does everything where copying takes as long as computing.
 */
import type { AdapterScales } from "../adapters.ts";
import type { Llama, Pointer } from "../llama.ts";
import { commonLength, isMostlyIn, PromptCache } from "./prompt-cache.ts";

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
  /** The most tokens that the prompt cache holds; 0: nothing is remembered. Default: without a bound. */
  remembered?: number;
  /** What is at rest stays in its cells until somebody needs them. Default false: it makes room at the next request. */
  keepsCells?: boolean;
}

/** For `Sequences`, by the context in tokens: a dialogue or two, in no more memory than a quarter of it takes. */
export const rememberedIn = (contextSize: number) => Math.min(8192, contextSize >> 2);

/** Tokens from which something is long, and worth cells that slow everybody's steps down a little. */
export const LONG = 512;

/** Milliseconds: what was released less long ago may have a second step. */
const FRESH = 1000;

/** What comes back from the cache must save so much computing for each token that is copied. */
const WORTH_COPYING = 1 / 64;

type SequenceCalls = Pick<
  Llama,
  "removeFrom" | "copyPrefix" | "clear" | "memory" | "saveSequence" | "loadSequence" | "freeState"
>;

export class Sequences {
  readonly #llama: SequenceCalls;
  readonly #context: Pointer;
  readonly #memory: Pointer;
  readonly #all: Sequence[];
  readonly #canRewind: boolean;
  readonly #remembered: number;
  readonly #keepsCells: boolean;
  readonly #cache: PromptCache;
  #clock = 0;

  constructor(
    llama: SequenceCalls,
    context: Pointer,
    count: number,
    { canRewind, remembered = Number.POSITIVE_INFINITY, keepsCells = false }: SequencesOptions,
  ) {
    this.#llama = llama;
    this.#context = context;
    this.#memory = llama.memory(context);
    this.#canRewind = canRewind;
    this.#remembered = remembered;
    this.#keepsCells = keepsCells;
    this.#cache = new PromptCache(remembered, (state) => llama.freeState(state));
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
      this.#putAway(target);
      if (best && shared > 0) this.#copy(best, target, shared);
    }
    target.adapters = adapters;
    target.isBusy = true;
    if (!this.#keepsCells) this.#putAwayOld();
    this.#fetch(target, tokens.slice(0, limit));
    return target;
  }

  /** A busy sequence that holds the same. */
  fork(from: Sequence): Sequence | undefined {
    const target = this.#recyclable();
    if (!target) return undefined;
    this.#putAway(target);
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

  /** Takes the cells of the least recently used idle sequence; false where none holds anything. */
  evict(): boolean {
    const oldest = this.#idle().at(-1);
    if (oldest) this.#putAway(oldest);
    return oldest !== undefined;
  }

  /** Gives up what all hold, what is left of it in cells that are free again, and what is remembered. */
  clear(): void {
    for (const { tokens } of this.#all) tokens.length = 0;
    this.#llama.clear(this.#memory);
    this.#cache.clear();
  }

  /** Frees what is remembered; the context is freed by whoever made it. */
  dispose(): void {
    this.#cache.clear();
  }

  /**
   * What is long stays in its cells where it was released a moment ago, since a second step may be on its way, and where it
   * would drive something else out of the cache.
   */
  #putAwayOld(): void {
    const now = performance.now();
    for (const sequence of this.#idle()) {
      const { tokens, adapters, releasedAt } = sequence;
      const stays = now - releasedAt < FRESH || !this.#cache.hasRoomFor(tokens, adapters);
      if (tokens.length < LONG || !stays) this.#putAway(sequence);
    }
  }

  /** How much of the beginning of `tokens` is known, at most `limit`. */
  known(tokens: readonly number[], limit: number, adapters?: AdapterScales): number {
    const { shared } = this.#longestShared(tokens, limit, adapters);
    return Math.max(shared, Math.min(limit, this.#cache.longestShared(tokens, adapters)?.shared ?? 0));
  }

  /** Out of its cells, and into the cache, unless it is hardly worth it. */
  #putAway(sequence: Sequence): void {
    const { tokens, adapters, id } = sequence;
    const isElsewhere = this.#all.some(
      (other) => other !== sequence && other.adapters === adapters && isMostlyIn(other.tokens, tokens),
    );
    if (!isElsewhere && this.#cache.wants(tokens, adapters)) {
      const state = this.#llama.saveSequence(this.#context, id);
      if (state) this.#cache.add({ tokens: [...tokens], adapters, state });
    }
    this.forget(sequence);
  }

  /** Into the cells of a sequence, where the cache knows more of what it is to hold. */
  #fetch(sequence: Sequence, wanted: readonly number[]): void {
    const found = this.#cache.longestShared(wanted, sequence.adapters);
    if (!found) return;
    const { entry, shared } = found;
    const isWhole = shared === entry.tokens.length;
    const isWorthIt = shared - sequence.tokens.length > WORTH_COPYING * entry.tokens.length;
    if (!isWorthIt || !(isWhole || this.#canRewind)) return;
    this.forget(sequence);
    if (!this.#llama.loadSequence(this.#context, sequence.id, entry.state)) return;
    for (const token of entry.tokens) sequence.tokens.push(token);
    this.#truncate(sequence, shared);
    this.#cache.touch(entry);
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

function leastRecent(sequences: readonly Sequence[]): Sequence | undefined {
  return sequences.reduce<Sequence | undefined>(
    (oldest, one) => (oldest && oldest.lastUsed <= one.lastUsed ? oldest : one),
    undefined,
  );
}
