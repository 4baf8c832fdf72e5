/**
 * What sequences held, in the machine's memory: cells that nobody uses are no cells that every batch looks at, and copying
 * a token back is some hundred times as fast as computing it. The least recently used are dropped.
 */
import type { AdapterScales } from "../adapters.ts";
import type { SavedState } from "../llama.ts";

export interface CachedState {
  readonly tokens: readonly number[];
  /** What it was computed with: of use to the same only. */
  readonly adapters: AdapterScales | undefined;
  readonly state: SavedState;
}

/** A share of a text. */
const MOSTLY = 3 / 4;

export class PromptCache {
  readonly #limit: number;
  readonly #free: (state: SavedState) => void;
  /** Latest last. */
  #entries: CachedState[] = [];

  /** `limit`: in tokens, of all together; `free` is told of each state that is dropped, once. */
  constructor(limit: number, free: (state: SavedState) => void) {
    this.#limit = limit;
    this.#free = free;
  }

  /** One that is longer than the limit is not kept, nor one that others hold for the most part. */
  wants(tokens: readonly number[], adapters: AdapterScales | undefined): boolean {
    if (tokens.length === 0 || tokens.length > this.#limit) return false;
    return !this.#entries.some((entry) => entry.adapters === adapters && isMostlyIn(entry.tokens, tokens));
  }

  /** Without dropping what is of use to others. */
  hasRoomFor(tokens: readonly number[], adapters: AdapterScales | undefined): boolean {
    const others = this.#entries.filter((entry) => !isBeginning(entry, tokens, adapters));
    return tokensIn(others) + tokens.length <= this.#limit;
  }

  /** Those that it goes on from are dropped. */
  add(entry: CachedState): void {
    const { adapters, tokens } = entry;
    this.#keep((other) => !isBeginning(other, tokens, adapters));
    this.#entries.push(entry);
    let held = tokensIn(this.#entries);
    this.#keep(({ tokens }) => {
      if (held <= this.#limit) return true;
      held -= tokens.length;
      return false;
    });
  }

  /** The one that shares the longest beginning, and how long it is. */
  longestShared(
    tokens: readonly number[],
    adapters: AdapterScales | undefined,
  ): { entry: CachedState; shared: number } | undefined {
    let best: { entry: CachedState; shared: number } | undefined;
    for (const entry of this.#entries) {
      if (entry.adapters !== adapters) continue;
      const shared = commonLength(entry.tokens, tokens);
      if (shared > (best?.shared ?? 0)) best = { entry, shared };
    }
    return best;
  }

  /** It is of use: the last one to be dropped. */
  touch(entry: CachedState): void {
    this.#entries = [...this.#entries.filter((other) => other !== entry), entry];
  }

  clear(): void {
    this.#keep(() => false);
  }

  #keep(isKept: (entry: CachedState) => boolean): void {
    this.#entries = this.#entries.filter((entry) => {
      const kept = isKept(entry);
      if (!kept) this.#free(entry.state);
      return kept;
    });
  }
}

const tokensIn = (entries: readonly CachedState[]) =>
  entries.reduce((sum, { tokens }) => sum + tokens.length, 0);

/** Of `tokens`, which go on from there. */
function isBeginning(
  entry: CachedState,
  tokens: readonly number[],
  adapters: AdapterScales | undefined,
): boolean {
  return entry.adapters === adapters && commonLength(entry.tokens, tokens) === entry.tokens.length;
}

/** `other` holds all of `tokens`, or most of them before it goes another way; not where it is only their beginning. */
export function isMostlyIn(other: readonly number[], tokens: readonly number[]): boolean {
  const common = commonLength(other, tokens);
  return common === tokens.length || (common < other.length && common >= MOSTLY * tokens.length);
}

export function commonLength(a: readonly number[], b: readonly number[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}
