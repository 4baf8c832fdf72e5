/**
 * A question and documents in, a grounded answer out that holds nothing but verbatim sentences or passages of theirs,
 * each with its span; or a refusal. No model: relevance is lexical, so it works at once, cannot invent anything, and
 * is the baseline that every model must beat.
 */

import { type QuestionPart, questionParts } from "../../retrieval/relevance/question-terms.ts";
import {
  MAX_RELEVANT,
  RELEVANCE_THRESHOLD,
  relevanceOf,
  selectByRelevance,
} from "../../retrieval/relevance/relevance.ts";
import {
  type IndexedDocument,
  indexDocument,
  type Support,
  supportOf,
} from "../../retrieval/relevance/support.ts";
import type { GroundingDocument } from "../../spec/document.ts";
import type { GroundedAnswer } from "../../spec/grounding.ts";
import { checkDocuments } from "../parse-documents.ts";
import { composeQuotes, type Quote } from "./compose-quotes.ts";

export interface QuoteOptions {
  /** Least probability of a relevant document, in [0, 1]. Default `RELEVANCE_THRESHOLD`. */
  threshold?: number;
  /** Most sentences quoted, where no more documents than that are relevant (each is quoted once). Default 3. */
  maxQuotes?: number;
}

/** A sentence, by its place: `documents[document]`, and its index there. */
export interface RankedSentence {
  document: number;
  sentence: number;
  support: number;
}

/** The answer is often beside the sentence that repeats the question: what its neighbours gain. */
const NEIGHBOUR = 0.3;

/** After the first, a sentence is quoted only with this share of the best one's support. */
export const FURTHER_QUOTES = 0.6;

export function quoteAnswer(
  question: string,
  documents: readonly GroundingDocument[],
  options: QuoteOptions = {},
): GroundedAnswer {
  checkDocuments(documents);
  return quoteIndexed(question, documents.map(indexDocument), options);
}

/** The same over documents that were read before, for those who ask many questions of them. */
export function quoteIndexed(
  question: string,
  indexed: readonly IndexedDocument[],
  options: QuoteOptions = {},
): GroundedAnswer {
  const parts = readParts(question, indexed);
  const probability = bestRelevance(parts);
  const chosen = parts.map((part) =>
    selectByRelevance(part.relevance, options.threshold ?? RELEVANCE_THRESHOLD),
  );
  const relevant = mostRelevant(chosen, probability);
  const choosersOf = (document: number) => parts.filter((_, p) => chosen[p]!.includes(document));
  const support = indexed.map((_, i) => sentenceSupport(choosersOf(i), i));
  const quotes = chooseQuotes(relevant, support, indexed, options.maxQuotes ?? 3);
  return composeQuotes(question, indexed, { relevant, probability, quotes });
}

/** Most probable first: at most `MAX_RELEVANT`, and of each part of the question the best. */
function mostRelevant(chosen: readonly number[][], probability: readonly number[]): number[] {
  const byProbability = (a: number, b: number) => probability[b]! - probability[a]! || a - b;
  const best = new Set(chosen.flatMap((documents) => documents.slice(0, 1)));
  const others = new Set(chosen.flat().sort(byProbability));
  return [...new Set([...best, ...others])].slice(0, MAX_RELEVANT).sort(byProbability);
}

/** One part of the question, read in every document. */
export interface Reading {
  part: QuestionPart;
  supports: Support[];
  relevance: number[];
}

export function readParts(question: string, documents: readonly IndexedDocument[]): Reading[] {
  return questionParts(question).map((part) => {
    const supports = documents.map((document) => supportOf(part, document));
    return { part, supports, relevance: supports.map((support) => relevanceOf(support)) };
  });
}

/** Of each document: for the part of the question that it answers best. */
export function bestRelevance(parts: readonly Reading[]): number[] {
  return parts[0]!.relevance.map((_, i) => Math.max(...parts.map(({ relevance }) => relevance[i]!)));
}

/** How well each sentence answers the part of the question, of those given, that the document answers best. */
export function sentenceSupport(parts: readonly Reading[], document: number): number[] {
  const best = parts.reduce<Reading | undefined>(
    (a, b) => (a && a.relevance[document]! >= b.relevance[document]! ? a : b),
    undefined,
  );
  return best ? best.supports[document]!.sentences : [];
}

/** The best sentence of each relevant document, then further good ones; best first throughout. */
function chooseQuotes(
  relevant: readonly number[],
  support: readonly number[][],
  documents: readonly IndexedDocument[],
  maxQuotes: number,
): Quote[] {
  const ranked = relevant.map((document) =>
    rankSentences(documents[document]!, support[document]!, document),
  );
  const first = ranked.flatMap((sentences) => sentences.slice(0, 1));
  const enough = FURTHER_QUOTES * first.reduce((best, { support }) => Math.max(best, support), 0);
  const further = ranked
    .flatMap((sentences) => sentences.slice(1))
    .filter((one) => one.support > 0 && one.support >= enough)
    .sort((a, b) => b.support - a.support)
    .slice(0, Math.max(0, maxQuotes - first.length));
  return [...first, ...further].map(({ document, sentence }) => ({
    document,
    ...documents[document]!.sentences[sentence]!.sentence,
  }));
}

/** Sentences of one document, best first, then as they stand; headings only where there is nothing else. */
export function rankSentences(
  document: IndexedDocument,
  support: readonly number[],
  index: number,
): RankedSentence[] {
  const all = document.sentences.map((_, sentence) => ({
    document: index,
    sentence,
    support: support[sentence]!,
  }));
  const said = all.filter((quote) => !document.sentences[quote.sentence]!.sentence.heading);
  const ranked = said.length > 0 ? said : all;
  if (ranked.length === 0) return [];
  const best = ranked.reduce((a, b) => (b.support > a.support ? b : a));
  for (const quote of ranked) if (Math.abs(quote.sentence - best.sentence) === 1) quote.support += NEIGHBOUR;
  const others = ranked.filter((quote) => quote !== best);
  return [best, ...others.sort((a, b) => b.support - a.support || a.sentence - b.sentence)];
}
