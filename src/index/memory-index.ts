/** An index of chunks in memory, gone with the process: for tests, examples, and a few thousand chunks. */
import type { Chunk } from "../spec/document.ts";
import { Bm25 } from "./bm25.ts";
import {
  bestFirst,
  type ChunkFilter,
  type ChunkIndex,
  type IndexEntry,
  type IndexedSource,
  type ScoredChunk,
} from "./chunk-index.ts";
import { chunkTerms, queryTerms } from "./chunk-terms.ts";
import { type FormatName, formatsNamed } from "./format-names.ts";
import { sourcesBelow } from "./sources-below.ts";

interface IndexedChunk {
  chunk: Chunk;
  document: IndexedSource;
  vector?: Float32Array | undefined;
}

export class MemoryIndex implements ChunkIndex {
  readonly #entries = new Map<string, { document: IndexedSource; chunks: IndexedChunk[] }>();
  readonly #bm25 = new Bm25<IndexedChunk>();

  async documents(): Promise<IndexedSource[]> {
    const all = [...this.#entries.values()].map(({ document }) => document);
    return all.sort((a, b) => (a.source < b.source ? -1 : 1));
  }

  async chunks(source: string): Promise<Chunk[]> {
    return (this.#entries.get(source)?.chunks ?? []).map(({ chunk }) => chunk);
  }

  async replace(entries: readonly IndexEntry[]): Promise<void> {
    for (const { document, chunks, vectors } of entries) {
      this.#drop(document.source);
      const indexed = chunks.map((chunk, i) => ({ chunk, document, vector: vectors?.[i] }));
      this.#entries.set(document.source, { document, chunks: indexed });
      for (const one of indexed) this.#bm25.add(one, chunkTerms(one.chunk));
    }
  }

  async remove(sources: readonly string[]): Promise<void> {
    for (const source of sources) this.#drop(source);
  }

  async search(query: string, limit: number, filter: ChunkFilter = {}): Promise<ScoredChunk[]> {
    return [...this.#bm25.scores(queryTerms(query))]
      .filter(([{ document }]) => fits(document, filter))
      .map(([{ chunk }, score]) => ({ chunk, score }))
      .sort(bestFirst)
      .slice(0, limit);
  }

  async nearest(vector: Float32Array, limit: number, filter: ChunkFilter = {}): Promise<ScoredChunk[]> {
    return [...this.#entries.values()]
      .filter(({ document }) => fits(document, filter))
      .flatMap(({ chunks }) => chunks)
      .flatMap((one) => (one.vector ? { chunk: one.chunk, score: dotProduct(one.vector, vector) } : []))
      .sort(bestFirst)
      .slice(0, limit);
  }

  async optimize(): Promise<void> {}

  async close(): Promise<void> {}

  #drop(source: string): void {
    for (const indexed of this.#entries.get(source)?.chunks ?? []) this.#bm25.remove(indexed);
    this.#entries.delete(source);
  }
}

function fits(document: IndexedSource, filter: ChunkFilter): boolean {
  const { pathPrefix = "", formats, modifiedFrom = -Infinity, modifiedTo = Infinity } = filter;
  return (
    (pathPrefix === "" || isBelow(document, pathPrefix)) &&
    (formats === undefined || isOf(document, formats)) &&
    document.modified >= modifiedFrom &&
    document.modified <= modifiedTo
  );
}

function isBelow({ source }: IndexedSource, path: string): boolean {
  const { exact, beginnings } = sourcesBelow(path);
  return exact.includes(source) || beginnings.some((beginning) => source.startsWith(beginning));
}

function isOf({ source, format }: IndexedSource, names: readonly FormatName[]): boolean {
  const { formats, endings } = formatsNamed(names);
  return formats.includes(format) || endings.some((ending) => source.toLowerCase().endsWith(ending));
}

function dotProduct(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
