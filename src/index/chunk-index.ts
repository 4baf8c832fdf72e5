/** What an index of chunks does, wherever it keeps them. Every implementation passes test/conformance/chunk-index. */
import type { Chunk, TextFormat } from "../spec/document.ts";
import type { FormatName } from "./format-names.ts";

/** What is remembered of a document. */
export interface IndexedSource {
  source: string;
  title: string | null;
  format: TextFormat;
  /** Of the bytes that were read: SHA-256, in hexadecimal. */
  hash: string;
  /** When the file was last changed, in milliseconds since 1970. */
  modified: number;
  /** The path, pattern or address by which it was added. */
  addedAs: string;
}

/** A document with the chunks that stand for it. */
export interface IndexEntry {
  document: IndexedSource;
  chunks: readonly Chunk[];
  /** One for each chunk, of length 1, where the index has vectors. */
  vectors?: readonly Float32Array[];
}

/** Only chunks of documents that fit all that is given. */
export interface ChunkFilter {
  /** Whole steps of the path or address: the source is it, or lies below it. */
  pathPrefix?: string;
  /** One of them. */
  formats?: readonly FormatName[];
  /** In milliseconds since 1970, both included. */
  modifiedFrom?: number;
  modifiedTo?: number;
}

export interface ScoredChunk {
  chunk: Chunk;
  /** Comparable within one search. */
  score: number;
}

/** Equal ones, copies above all, come in the same order from every index of the same files. */
export function bestFirst(a: ScoredChunk, b: ScoredChunk): number {
  if (a.score !== b.score) return b.score - a.score;
  if (a.chunk.source !== b.chunk.source) return a.chunk.source < b.chunk.source ? -1 : 1;
  return a.chunk.start - b.chunk.start;
}

export interface ChunkIndex {
  /** In the order of their sources. */
  documents(): Promise<IndexedSource[]>;
  /** Of one document, in the order of its text; none where it is not there. */
  chunks(source: string): Promise<Chunk[]>;
  /** Puts the entries in place of what their sources had. All of them, or, where it fails or is killed, none. */
  replace(entries: readonly IndexEntry[]): Promise<void>;
  remove(sources: readonly string[]): Promise<void>;
  /** By BM25 over words and stems, any of which may match; `bestFirst`, at most `limit`. */
  search(query: string, limit: number, filter?: ChunkFilter): Promise<ScoredChunk[]>;
  /** By the cosine of the angle to `vector`; `bestFirst`, at most `limit`. None where the index has no vectors. */
  nearest(vector: Float32Array, limit: number, filter?: ChunkFilter): Promise<ScoredChunk[]>;
  /** Makes up for many small changes, and for what a killed process left undone; quick where there is nothing to do. */
  optimize(): Promise<void>;
  close(): Promise<void>;
}
