/**
 * A question and documents in, a grounded answer out that holds nothing but verbatim sentences of theirs, each
 * with its span; or a refusal. No model: relevance is lexical, so it works at once, cannot invent anything, and
 * is the baseline that every model must beat.
 */

import { type QuestionPart, questionParts } from "../../retrieval/relevance/question-terms.ts";
import { RELEVANCE_THRESHOLD, relevanceOf, selectByRelevance } from "../../retrieval/relevance/relevance.ts";
import {
  type IndexedDocument,
  indexDocument,
  type Support,
  supportOf,
} from "../../retrieval/relevance/support.ts";
import type { Citation, GroundingDocument } from "../../spec/document.ts";
import type { GroundedAnswer } from "../../spec/grounding.ts";
import { checkDocuments } from "../parse-documents.ts";
import { refusal } from "../refusal.ts";

export interface QuoteOptions {
  /** Least probability of a relevant document, in [0, 1]. Default `RELEVANCE_THRESHOLD`. */
  threshold?: number;
  /** Most sentences quoted, where no more documents than that are relevant (each is quoted once). Default 3. */
  maxQuotes?: number;
}

/** A sentence, by its place: `documents[document]`, and its index there. */
interface Quote {
  document: number;
  sentence: number;
  support: number;
}

/** The answer is often beside the sentence that repeats the question: what its neighbours gain. */
const NEIGHBOUR = 0.3;

/** After the first of its document, a sentence is quoted only with this share of the best one's support. */
const FURTHER_QUOTES = 0.6;

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
  const parts = questionParts(question).map((part) => readFor(part, indexed));
  const probability = indexed.map((_, i) => Math.max(...parts.map((part) => part.relevance[i]!)));
  const chosen = parts.map((part) =>
    selectByRelevance(part.relevance, options.threshold ?? RELEVANCE_THRESHOLD),
  );
  const relevant = [...new Set(chosen.flat())].sort((a, b) => probability[b]! - probability[a]! || a - b);
  const support = indexed.map((_, i) => mostRelevantReading(parts, chosen, i));
  const quotes = chooseQuotes(relevant, support, indexed, options.maxQuotes ?? 3);
  return {
    relevantDocIds: relevant.map((i) => indexed[i]!.docId).sort((a, b) => a - b),
    relevance: new Map(indexed.map((document, i) => [document.docId, probability[i]!])),
    ...(quotes.length > 0 ? compose(quotes, indexed) : { answer: refusal(question), citations: [] }),
    finishReason: "stop",
    usage: { promptTokens: 0, completionTokens: 0, reusedTokens: 0 },
  };
}

/** One part of the question, read in every document. */
interface Reading {
  supports: Support[];
  relevance: number[];
}

function readFor(part: QuestionPart, documents: readonly IndexedDocument[]): Reading {
  const supports = documents.map((document) => supportOf(part, document));
  return { supports, relevance: supports.map((support) => relevanceOf(support)) };
}

/** The support for the part of the question that the document answers best, of those it was chosen for. */
function mostRelevantReading(
  parts: readonly Reading[],
  chosen: readonly number[][],
  document: number,
): number[] {
  const choosers = parts.filter((_, p) => chosen[p]!.includes(document));
  const best = choosers.reduce<Reading | undefined>(
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
  const first = ranked.flatMap((quotes) => quotes.slice(0, 1));
  const enough = FURTHER_QUOTES * first.reduce((best, quote) => Math.max(best, quote.support), 0);
  const further = ranked
    .flatMap((quotes) => quotes.slice(1))
    .filter((quote) => quote.support > 0 && quote.support >= enough)
    .sort((a, b) => b.support - a.support)
    .slice(0, Math.max(0, maxQuotes - first.length));
  return [...first, ...further];
}

/** Sentences of one document, best first, then as they stand; headings only where there is nothing else. */
export function rankSentences(document: IndexedDocument, support: readonly number[], index: number): Quote[] {
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

/** Numbered lines, one a quote, and a citation over each quoted sentence. */
function compose(
  quotes: readonly Quote[],
  documents: readonly IndexedDocument[],
): { answer: string; citations: Citation[] } {
  let answer = "";
  const citations = quotes.map((quote, i) => {
    const { docId, sentences } = documents[quote.document]!;
    const { start, end, text } = sentences[quote.sentence]!.sentence;
    answer += `${i > 0 ? "\n" : ""}${i + 1}. `;
    const citation = {
      start: answer.length,
      end: answer.length + text.length,
      text,
      sources: [{ docId, start, end }],
    };
    answer += text;
    return citation;
  });
  return { answer, citations };
}
