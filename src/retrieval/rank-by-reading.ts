/**
 * A query and candidates in, the candidates best first out: by their words (BM25 of stems, where what a word tells comes
 * from general text, and a share of the index's own score, where it comes from the corpus), beside the log-odds of
 * relevance, as quotes read a document, and what stands nearby: a page on the subject says so in several places. What does
 * not read as an answer ranks by its likeness to the first, too (rank-by-likeness.ts).
 */
import { backgroundIdf } from "../index/background-idf.ts";
import { bestFirst, type ScoredChunk } from "../index/chunk-index.ts";
import { areForms, type Term, terms } from "../index/terms.ts";
import type { Chunk } from "../spec/document.ts";
import { type ReadCandidate, rankByLikeness } from "./rank-by-likeness.ts";
import { questionParts } from "./relevance/question-terms.ts";
import { relevanceOf } from "./relevance/relevance.ts";
import { type IndexedDocument, indexDocument, supportOf } from "./relevance/support.ts";

/** Chosen on the tuning half of XQuAD (`npm run bench -- retrieval-quality`). */
const READING_WEIGHT = 3;

/** Of the score by words. */
const INDEX_SHARE = 0.25;

/** A candidate gains this share of the scores by words of the best candidates near it, as many as these. */
const SIBLING_WEIGHT = 0.04;
const SIBLINGS = 2;

/** Characters that a page has, as a rule: what stands farther away in a long file is about something else. */
const NEAR = 20_000;

/** Of BM25: saturation, how much length counts, and the usual length in words. */
const K1 = 1.2;
const B = 0.3;
const USUAL_LENGTH = 80;

/** Threat: a pasted book is no query. Characters. */
const MAX_QUERY = 20_000;

/** A probability of 0 or 1 has no log-odds. */
const LEAST_PROBABILITY = 1e-9;

/** A candidate, and how well it fits the query: by words (BM25), and as an answer (a probability). */
interface ReadChunk extends ReadCandidate {
  chunk: Chunk;
  words: number;
}

/** `candidates` with the index's scores; 0 for what was not found by words. */
export function rankByReading(query: string, candidates: readonly ScoredChunk[]): ScoredChunk[] {
  const parts = questionParts(query);
  const scoreWords = bm25(terms(query.slice(0, MAX_QUERY)));
  const read = candidates.map(({ chunk, score }): ReadChunk => {
    const document = indexDocument({ docId: 0, title: chunk.title, content: chunk.text });
    const relevance = Math.max(...parts.map((part) => relevanceOf(supportOf(part, document))));
    const words = INDEX_SHARE * score + (1 - INDEX_SHARE) * scoreWords(document);
    return { chunk, document, words, relevance };
  });
  const ranked = read
    .map((one) => {
      const score = one.words + READING_WEIGHT * logOdds(one.relevance) + SIBLING_WEIGHT * nearby(one, read);
      return { ...one, score };
    })
    .sort(bestFirst);
  // A score is that of its place, so that scores fall.
  return rankByLikeness(ranked).map(({ chunk }, i) => ({ chunk, score: ranked[i]!.score }));
}

/** The sum of the best `SIBLINGS` scores by words of other candidates near this one. */
function nearby(one: ReadChunk, read: readonly ReadChunk[]): number {
  const { source, start } = one.chunk;
  return read
    .filter((other) => other !== one && other.chunk.source === source)
    .filter((other) => Math.abs(other.chunk.start - start) <= NEAR)
    .map(({ words }) => words)
    .sort((a, b) => b - a)
    .slice(0, SIBLINGS)
    .reduce((sum, words) => sum + words, 0);
}

function bm25(query: readonly Term[]): (document: IndexedDocument) => number {
  const stemOf = formFinder(query);
  const initials = new Set(query.map(({ initial }) => initial));
  return ({ sentences, title }) => {
    const counts = new Map<string, number>();
    let length = 0;
    for (const words of [title, ...sentences.map((sentence) => sentence.terms)]) {
      length += words.length;
      for (const term of words) {
        const stem = initials.has(term.initial) ? stemOf(term) : undefined;
        if (stem !== undefined) counts.set(stem, (counts.get(stem) ?? 0) + 1);
      }
    }
    const norm = K1 * (1 - B + (B * length) / USUAL_LENGTH);
    let score = 0;
    for (const [stem, count] of counts) score += (backgroundIdf(stem) * count * (K1 + 1)) / (count + norm);
    return score;
  };
}

/** A term in, the stem of the query's word that it is a form of out; found once a spelling. */
function formFinder(query: readonly Term[]): (term: Term) => string | undefined {
  const found = new Map<string, string | undefined>(query.map(({ word, stem }) => [word, stem]));
  return (term) => {
    const { word } = term;
    if (!found.has(word)) found.set(word, query.find((one) => areForms(one, term))?.stem);
    return found.get(word);
  };
}

function logOdds(probability: number): number {
  const bounded = Math.min(1 - LEAST_PROBABILITY, Math.max(LEAST_PROBABILITY, probability));
  return Math.log(bounded / (1 - bounded));
}
