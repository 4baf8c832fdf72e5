/**
 * A question and what a search found for it in, the passages that answer it out, verbatim, each with its span; or a
 * refusal. Where `quoteAnswer` picks sentences from a few documents that somebody chose, this reads the hits of a whole
 * corpus: whoever asks has not read them, so that a sentence comes with what stands beside it, and of several hits that
 * may answer none is passed over.
 */
import { MAX_RELEVANT, odds, RELEVANCE_THRESHOLD } from "../../retrieval/relevance/relevance.ts";
import { type IndexedDocument, indexDocument } from "../../retrieval/relevance/support.ts";
import type { GroundingDocument } from "../../spec/document.ts";
import type { GroundedAnswer } from "../../spec/grounding.ts";
import { checkDocuments } from "../parse-documents.ts";
import { composeQuotes, type Quote } from "./compose-quotes.ts";
import { passageAround } from "./passage.ts";
import { bestRelevance, FURTHER_QUOTES, rankSentences, readParts, sentenceSupport } from "./quote-answer.ts";

/**
 * A page that answers says more of the subject: what each hit of the same source that is among the first ones adds to the
 * log-odds of a hit, beyond those that would be there if the source's hits stood anywhere, and the most that it gains, so
 * that a page on the subject is no answer by that alone. Chosen on questions to a book, with the pages that answer them and
 * without (docs/log.md).
 */
const SAME_SOURCE = 0.7;
const MOST_GAIN = 1;
const FIRST = 6;

/** Of each hit quoted; `npm run bench -- book` shows what more of them would hold. */
const PASSAGES_OF_A_HIT = 2;

/** Characters up to which a passage grows; those of the first hit are most of what it holds. */
const FIRST_PASSAGE = 1000;
const PASSAGE = 400;

/** Hits are quoted in the order of the search whose odds are at most this many times lower than the best one's. */
const ODDS_WITHIN = Math.exp(4);

/** `documents` come best first. */
export function quotePassages(question: string, documents: readonly GroundingDocument[]): GroundedAnswer {
  checkDocuments(documents);
  const indexed = documents.map(indexDocument);
  const parts = readParts(question, indexed);
  const probability = withSources(bestRelevance(parts), documents);
  const relevant = hitsToQuote(probability);
  const passages = relevant.flatMap((i, place) =>
    passagesOf(indexed[i]!, sentenceSupport(parts, i), {
      index: i,
      limit: place === 0 ? FIRST_PASSAGE : PASSAGE,
    }),
  );
  // Two pages may say the same in the same words.
  const quotes = passages.filter(({ text }, i) => passages.findIndex((one) => one.text === text) === i);
  return composeQuotes(question, indexed, { relevant, probability, quotes });
}

/** Of each document: what it says by itself, and how many of its source came first, beside those that came at all. */
function withSources(probability: readonly number[], documents: readonly GroundingDocument[]): number[] {
  const all = countSources(documents);
  const first = countSources(documents.slice(0, FIRST));
  return probability.map((alone, i) => {
    const { source } = documents[i]!;
    const others = documents.length - 1;
    if (source === undefined || others === 0) return alone;
    const own = i < FIRST ? 1 : 0;
    const places = Math.min(FIRST, documents.length) - own;
    const expected = ((all.get(source)! - 1) * places) / others;
    const gain = SAME_SOURCE * ((first.get(source) ?? 0) - own - expected);
    const raised = odds(alone) * Math.exp(Math.min(gain, MOST_GAIN));
    return raised / (1 + raised);
  });
}

function countSources(documents: readonly GroundingDocument[]): Map<string | undefined, number> {
  const counts = new Map<string | undefined, number>();
  for (const { source } of documents) counts.set(source, (counts.get(source) ?? 0) + 1);
  return counts;
}

function hitsToQuote(probability: readonly number[]): number[] {
  const best = Math.max(...probability);
  if (best < RELEVANCE_THRESHOLD) return [];
  return [...probability.keys()]
    .filter((i) => odds(probability[i]!) * ODDS_WITHIN >= odds(best))
    .slice(0, MAX_RELEVANT);
}

function passagesOf(
  document: IndexedDocument,
  support: readonly number[],
  { index, limit }: { index: number; limit: number },
): Quote[] {
  const ranked = rankSentences(document, support, index);
  const enough = FURTHER_QUOTES * (ranked[0]?.support ?? 0);
  const passages: (Quote & { first: number; last: number })[] = [];
  for (const { sentence, support: own } of ranked) {
    if (passages.length === PASSAGES_OF_A_HIT) break;
    if (passages.length > 0 && (own === 0 || own < enough)) break;
    const isTaken = (i: number) => passages.some(({ first, last }) => first <= i && i <= last);
    if (isTaken(sentence)) continue;
    passages.push({ document: index, ...passageAround(document, sentence, { limit, isTaken }) });
  }
  return passages;
}
