/**
 * A query in, ranked hits out. The index proposes candidates by BM25; each is then read as quotes read a document
 * (relevance/), and ranked by both together. Copies of one text are one hit.
 */
import type { ChunkFilter, ChunkIndex, ScoredChunk } from "../index/chunk-index.ts";
import { terms } from "../index/terms.ts";
import type { Chunk } from "../spec/document.ts";
import { questionParts } from "./relevance/question-terms.ts";
import { relevanceOf } from "./relevance/relevance.ts";
import { indexDocument, supportOf } from "./relevance/support.ts";

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
}

/** Candidates read for every hit asked for, and at least: reading is what a search spends its time on. */
const CANDIDATES_PER_HIT = 2;
const MIN_CANDIDATES = 24;

/** Of the log-odds of relevance beside BM25: fitted on the tuning half of XQuAD (`npm run bench -- retrieval-quality`). */
const READING_WEIGHT = 4;

/** A probability of 0 or 1 has no log-odds. */
const LEAST_PROBABILITY = 1e-9;

/** Texts that share this much of their words are copies of one another. */
const COPY = 0.9;

export async function search(index: ChunkIndex, query: string, options: SearchOptions = {}): Promise<Hit[]> {
  const { topK = 10, filter } = options;
  const limit = Math.max(MIN_CANDIDATES, CANDIDATES_PER_HIT * topK);
  const candidates = await index.search(query, limit, filter);
  return rankByReading(query, withoutCopies(candidates))
    .slice(0, topK)
    .map(({ chunk, score }, i) => ({ chunk, score, rank: i + 1 }));
}

/** Best first. */
export function rankByReading(query: string, candidates: readonly ScoredChunk[]): ScoredChunk[] {
  const parts = questionParts(query);
  const ranked = candidates.map(({ chunk, score }) => {
    const document = indexDocument({ docId: 0, title: chunk.title, content: chunk.text });
    const relevance = Math.max(...parts.map((part) => relevanceOf(supportOf(part, document))));
    return { chunk, score: score + READING_WEIGHT * logOdds(relevance) };
  });
  return ranked.sort((a, b) => b.score - a.score);
}

function logOdds(probability: number): number {
  const bounded = Math.min(1 - LEAST_PROBABILITY, Math.max(LEAST_PROBABILITY, probability));
  return Math.log(bounded / (1 - bounded));
}

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
