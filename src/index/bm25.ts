/**
 * BM25 over lists of terms in memory (Robertson and Zaragoza 2009, with the idf of Lucene, which is never negative).
 * What the terms are, and what stands behind them, is the caller's.
 */

/** Saturation of repeated terms, and how much length counts: the usual values. */
const K1 = 1.2;
const B = 0.75;

interface Posting {
  counts: ReadonlyMap<string, number>;
  length: number;
}

export class Bm25<T> {
  readonly #postings = new Map<T, Posting>();
  readonly #holders = new Map<string, Set<T>>();
  #length = 0;

  /** `item` must not be there yet. */
  add(item: T, terms: readonly string[]): void {
    const counts = new Map<string, number>();
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
    this.#postings.set(item, { counts, length: terms.length });
    this.#length += terms.length;
    for (const term of counts.keys()) {
      const holders = this.#holders.get(term);
      if (holders) holders.add(item);
      else this.#holders.set(term, new Set([item]));
    }
  }

  remove(item: T): void {
    const posting = this.#postings.get(item);
    if (!posting) return;
    this.#postings.delete(item);
    this.#length -= posting.length;
    for (const term of posting.counts.keys()) {
      const holders = this.#holders.get(term)!;
      holders.delete(item);
      if (holders.size === 0) this.#holders.delete(term);
    }
  }

  /** Every item with any of the terms, and its score, in no order. */
  scores(terms: Iterable<string>): Map<T, number> {
    const scores = new Map<T, number>();
    const items = this.#postings.size;
    for (const term of terms) {
      const holders = this.#holders.get(term);
      if (!holders) continue;
      const idf = Math.log(1 + (items - holders.size + 0.5) / (holders.size + 0.5));
      for (const item of holders) {
        const { counts, length } = this.#postings.get(item)!;
        const count = counts.get(term)!;
        const norm = K1 * (1 - B + (B * length * items) / this.#length);
        scores.set(item, (scores.get(item) ?? 0) + (idf * count * (K1 + 1)) / (count + norm));
      }
    }
    return scores;
  }
}
