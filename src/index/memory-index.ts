/**
 * An index of chunks in memory, gone with the process: for tests, examples, and a few thousand chunks. BM25 (Robertson
 * and Zaragoza 2009) over words and stems.
 */
import type { Chunk } from "../spec/document.ts";
import type { ChunkFilter, ChunkIndex, IndexEntry, IndexedSource, ScoredChunk } from "./chunk-index.ts";
import { chunkTerms, queryTerms } from "./chunk-terms.ts";

const K1 = 1.2;
const B = 0.75;

interface IndexedChunk {
  chunk: Chunk;
  document: IndexedSource;
  /** How often each term occurs. */
  counts: Map<string, number>;
  length: number;
}

export class MemoryIndex implements ChunkIndex {
  readonly #entries = new Map<string, { document: IndexedSource; chunks: IndexedChunk[] }>();
  /** The chunks that hold a term. */
  readonly #postings = new Map<string, Set<IndexedChunk>>();
  #chunks = 0;
  #length = 0;

  async documents(): Promise<IndexedSource[]> {
    const all = [...this.#entries.values()].map(({ document }) => document);
    return all.sort((a, b) => (a.source < b.source ? -1 : 1));
  }

  async replace(entries: readonly IndexEntry[]): Promise<void> {
    for (const { document, chunks } of entries) {
      this.#drop(document.source);
      const indexed = chunks.map((chunk) => indexChunk(chunk, document));
      this.#entries.set(document.source, { document, chunks: indexed });
      for (const one of indexed) this.#add(one);
    }
  }

  async remove(sources: readonly string[]): Promise<void> {
    for (const source of sources) this.#drop(source);
  }

  async search(query: string, limit: number, filter: ChunkFilter = {}): Promise<ScoredChunk[]> {
    const scores = new Map<IndexedChunk, number>();
    for (const term of queryTerms(query)) {
      const holders = this.#postings.get(term) ?? new Set();
      const idf = Math.log(1 + (this.#chunks - holders.size + 0.5) / (holders.size + 0.5));
      for (const holder of holders) {
        const count = holder.counts.get(term)!;
        const norm = K1 * (1 - B + (B * holder.length * this.#chunks) / this.#length);
        scores.set(holder, (scores.get(holder) ?? 0) + (idf * count * (K1 + 1)) / (count + norm));
      }
    }
    return [...scores]
      .filter(([{ document }]) => fits(document, filter))
      .sort(([, a], [, b]) => b - a)
      .slice(0, limit)
      .map(([{ chunk }, score]) => ({ chunk, score }));
  }

  async optimize(): Promise<void> {}

  async close(): Promise<void> {}

  #add(indexed: IndexedChunk): void {
    this.#chunks++;
    this.#length += indexed.length;
    for (const term of indexed.counts.keys()) {
      const holders = this.#postings.get(term);
      if (holders) holders.add(indexed);
      else this.#postings.set(term, new Set([indexed]));
    }
  }

  #drop(source: string): void {
    for (const indexed of this.#entries.get(source)?.chunks ?? []) {
      this.#chunks--;
      this.#length -= indexed.length;
      for (const term of indexed.counts.keys()) {
        const holders = this.#postings.get(term)!;
        holders.delete(indexed);
        if (holders.size === 0) this.#postings.delete(term);
      }
    }
    this.#entries.delete(source);
  }
}

function indexChunk(chunk: Chunk, document: IndexedSource): IndexedChunk {
  const counts = new Map<string, number>();
  const terms = chunkTerms(chunk);
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return { chunk, document, counts, length: terms.length };
}

function fits(document: IndexedSource, filter: ChunkFilter): boolean {
  const { pathPrefix = "", formats, modifiedFrom = -Infinity, modifiedTo = Infinity } = filter;
  return (
    document.source.startsWith(pathPrefix) &&
    (formats?.includes(document.format) ?? true) &&
    document.modified >= modifiedFrom &&
    document.modified <= modifiedTo
  );
}
