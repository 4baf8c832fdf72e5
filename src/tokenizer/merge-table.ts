/**
 * Byte-pair encoding of one word: token ids of its bytes -> ids after all merges, lowest rank first, leftmost
 * first among equals (Sennrich et al., 2016). Knows ids only, no text.
 */
import { Heap } from "./heap.ts";

/** A place in a word stays below 2^28 (a string of V8 is shorter than 2^29), a rank below 2^24. */
const PLACES = 2 ** 28;
/** Up to this many symbols, looking at all pairs beats keeping them in a heap. */
const SHORT_WORD = 48;

export class MergeTable {
  readonly #vocabSize: number;
  /** `left * vocabSize + right` -> rank; small keys are several times faster than large ones in V8's maps. */
  readonly #ranks = new Map<number, number>();
  /** rank -> the id that the pair becomes */
  readonly #results: number[] = [];

  constructor(vocabSize: number) {
    this.#vocabSize = vocabSize;
  }

  /** Adds the next merge, ranked after all that are there; a pair that is there already keeps its rank. */
  add(left: number, right: number, result: number): void {
    const key = left * this.#vocabSize + right;
    if (!this.#ranks.has(key)) this.#ranks.set(key, this.#results.length);
    this.#results.push(result);
  }

  /** Appends the merged ids of `symbols` to `out`; `symbols` is used up. */
  merge(symbols: number[], out: number[]): void {
    if (symbols.length <= SHORT_WORD) this.#mergeShort(symbols);
    else this.#mergeLong(symbols);
    for (const id of symbols) if (id >= 0) out.push(id);
  }

  #rank(left: number, right: number): number {
    return this.#ranks.get(left * this.#vocabSize + right) ?? Number.POSITIVE_INFINITY;
  }

  #mergeShort(symbols: number[]): void {
    const ranks: number[] = [];
    for (let i = 0; i + 1 < symbols.length; i++) ranks.push(this.#rank(symbols[i]!, symbols[i + 1]!));
    for (;;) {
      let best = Number.POSITIVE_INFINITY;
      let place = -1;
      for (let i = 0; i < ranks.length; i++)
        if (ranks[i]! < best) {
          best = ranks[i]!;
          place = i;
        }
      if (place < 0) return;
      symbols[place] = this.#results[best]!;
      symbols.splice(place + 1, 1);
      ranks.splice(place, 1);
      if (place > 0) ranks[place - 1] = this.#rank(symbols[place - 1]!, symbols[place]!);
      if (place < ranks.length) ranks[place] = this.#rank(symbols[place]!, symbols[place + 1]!);
    }
  }

  /** Symbols in a linked list, pairs in a heap: a megabyte without a space is not quadratic. */
  #mergeLong(symbols: number[]): void {
    const next = Int32Array.from(symbols, (_, i) => i + 1);
    const previous = Int32Array.from(symbols, (_, i) => i - 1);
    // rank and place of the left symbol in one number, so that plain < is the order of merging.
    const queue = new Heap<number>((a, b) => a < b);
    const offer = (left: number, right: number) => {
      if (left < 0 || right >= symbols.length) return;
      const rank = this.#rank(symbols[left]!, symbols[right]!);
      if (rank !== Number.POSITIVE_INFINITY) queue.push(rank * PLACES + left);
    };
    for (let i = 0; i + 1 < symbols.length; i++) offer(i, i + 1);
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) {
      const left = item % PLACES;
      const rank = (item - left) / PLACES;
      const right = next[left]!;
      // Out of date: one of the two has been merged since. A left symbol that is gone is -1, which has no rank; the
      // right one is there, since it was found through the list.
      if (right >= symbols.length || this.#rank(symbols[left]!, symbols[right]!) !== rank) continue;
      symbols[left] = this.#results[rank]!;
      symbols[right] = -1;
      next[left] = next[right]!;
      if (next[left]! < symbols.length) previous[next[left]!] = left;
      offer(previous[left]!, left);
      offer(left, next[left]!);
    }
  }
}
