/**
 * A query in, ranked hits out. The index proposes candidates by words, and by meaning where there are vectors; copies of
 * one text become one, and the rest are ranked by reading them (rank-by-reading.ts), whatever index they came from. The
 * two ways are fused by rank.
 */
import type { ChunkFilter, ChunkIndex, ScoredChunk } from "../index/chunk-index.ts";
import { terms } from "../index/terms.ts";
import type { Chunk } from "../spec/document.ts";
import type { EmbeddingModel } from "../spec/embedding-model.ts";
import { rankByReading } from "./rank-by-reading.ts";
import { reciprocalRankFusion } from "./reciprocal-rank-fusion.ts";

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

/** Texts that share this much of their words are copies of one another. */
const COPY = 0.9;

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

/** The first of each set of copies, which the index ranks highest. */
function withoutCopies(candidates: readonly ScoredChunk[]): ScoredChunk[] {
  const kept: { words: Set<string>; candidate: ScoredChunk }[] = [];
  for (const candidate of candidates) {
    const words = new Set(terms(candidate.chunk.text).map(({ word }) => word));
    if (kept.every((other) => overlap(other.words, words) < COPY)) kept.push({ words, candidate });
  }
  return kept.map(({ candidate }) => candidate);
}

/** Jaccard's index: shared words of all words. */
function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  if (small.size < COPY * large.size) return 0;
  let shared = 0;
  for (const word of small) if (large.has(word)) shared++;
  return shared / (a.size + b.size - shared);
}
