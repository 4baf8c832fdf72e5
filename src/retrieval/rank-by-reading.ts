/**
 * A query and candidates in, the candidates best first out: BM25 of their stems beside the log-odds of relevance, as
 * quotes read a document. What a word tells comes from general text, so that a score depends on the query and the chunk
 * alone, and not on what else is in an index.
 */
import { backgroundIdf } from "../index/background-idf.ts";
import type { ScoredChunk } from "../index/chunk-index.ts";
import { terms } from "../index/terms.ts";
import type { Chunk } from "../spec/document.ts";
import { questionParts } from "./relevance/question-terms.ts";
import { relevanceOf } from "./relevance/relevance.ts";
import { type IndexedDocument, indexDocument, supportOf } from "./relevance/support.ts";

/** Chosen on the tuning half of XQuAD (`npm run bench -- retrieval-quality`). */
const READING_WEIGHT = 3;

/** Of BM25: saturation, how much length counts, and the usual length in words. */
const K1 = 1.2;
const B = 0.3;
const USUAL_LENGTH = 80;

/** Threat: a pasted book is no query. Characters. */
const MAX_QUERY = 20_000;

/** A probability of 0 or 1 has no log-odds. */
const LEAST_PROBABILITY = 1e-9;

export function rankByReading(query: string, candidates: readonly Chunk[]): ScoredChunk[] {
  const parts = questionParts(query);
  const stems = new Set(terms(query.slice(0, MAX_QUERY)).map(({ stem }) => stem));
  const ranked = candidates.map((chunk) => {
    const document = indexDocument({ docId: 0, title: chunk.title, content: chunk.text });
    const relevance = Math.max(...parts.map((part) => relevanceOf(supportOf(part, document))));
    return { chunk, score: bm25(stems, document) + READING_WEIGHT * logOdds(relevance) };
  });
  return ranked.sort((a, b) => b.score - a.score);
}

function bm25(stems: ReadonlySet<string>, { sentences, title }: IndexedDocument): number {
  const counts = new Map<string, number>();
  let length = 0;
  for (const words of [title, ...sentences.map((sentence) => sentence.terms)])
    for (const { stem } of words) {
      counts.set(stem, (counts.get(stem) ?? 0) + 1);
      length++;
    }
  const norm = K1 * (1 - B + (B * length) / USUAL_LENGTH);
  let score = 0;
  for (const stem of stems) {
    const count = counts.get(stem) ?? 0;
    if (count > 0) score += (backgroundIdf(stem) * count * (K1 + 1)) / (count + norm);
  }
  return score;
}

function logOdds(probability: number): number {
  const bounded = Math.min(1 - LEAST_PROBABILITY, Math.max(LEAST_PROBABILITY, probability));
  return Math.log(bounded / (1 - bounded));
}
