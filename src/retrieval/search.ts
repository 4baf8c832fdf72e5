/**
 * A query in, ranked hits out. The index proposes candidates by words, and by meaning where there are vectors; copies of
 * one text become one, and the rest are ranked by reading them (rank-by-reading.ts), whatever index they came from. The
 * two ways are fused by rank.
 */
import type { ChunkFilter, ChunkIndex, ScoredChunk } from "../index/chunk-index.ts";
import type { Chunk } from "../spec/document.ts";
import type { EmbeddingModel } from "../spec/embedding-model.ts";
import { rankByReading } from "./rank-by-reading.ts";
import { reciprocalRankFusion } from "./reciprocal-rank-fusion.ts";
import { withoutCopies } from "./without-copies.ts";

export interface Hit {
  chunk: Chunk;
  /** Comparable within one search. */
  score: number;
  /** From 1. */
  rank: number;
}

export interface SearchOptions {
  /** Most hits. Default 10. */
  topK?: number;
  filter?: ChunkFilter;
  /** The one whose vectors stand in the index. Default: words alone. */
  embedding?: EmbeddingModel;
  signal?: AbortSignal;
}

/** Candidates read for every hit asked for, and at least: reading finds slips of the keyboard, and words alike. */
const CANDIDATES_PER_HIT = 2;
const MIN_CANDIDATES = 100;

export async function search(index: ChunkIndex, query: string, options: SearchOptions = {}): Promise<Hit[]> {
  const { topK = 10, filter, embedding, signal } = options;
  const limit = Math.max(MIN_CANDIDATES, CANDIDATES_PER_HIT * topK);
  const byWords = await index.search(query, limit, filter);
  const byMeaning = embedding ? await nearest(index, query, limit, embedding, options) : [];
  signal?.throwIfAborted();
  const byMeaningOnly = byMeaning.map(({ chunk }) => ({ chunk, score: 0 }));
  const read = rankByReading(query, withoutCopies([...byWords, ...byMeaningOnly]));
  const ranked = embedding ? fuse(read, byMeaning) : read;
  return ranked.slice(0, topK).map(({ chunk, score }, i) => ({ chunk, score, rank: i + 1 }));
}

async function nearest(
  index: ChunkIndex,
  query: string,
  limit: number,
  embedding: EmbeddingModel,
  { filter, signal }: SearchOptions,
): Promise<ScoredChunk[]> {
  const [vector] = await embedding.embed([query], { role: "query", signal });
  return index.nearest(vector!, limit, filter);
}

function fuse(read: readonly ScoredChunk[], near: readonly ScoredChunk[]): ScoredChunk[] {
  const known = new Map(read.map(({ chunk }) => [placeOf(chunk), chunk]));
  // Of copies only one was read.
  const nearKnown = near.flatMap(({ chunk }) => known.get(placeOf(chunk)) ?? []);
  return reciprocalRankFusion([read.map(({ chunk }) => chunk), nearKnown]).map(({ item, score }) => ({
    chunk: item,
    score,
  }));
}

const placeOf = ({ source, start }: Chunk) => `${start} ${source}`;
