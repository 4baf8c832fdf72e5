/** A question and a document in, the passage out where it comes nearest to an answer, whether it is one or not. */
import type { QuestionPart } from "../../retrieval/relevance/question-terms.ts";
import { type IndexedDocument, indexDocument } from "../../retrieval/relevance/support.ts";
import type { GroundingDocument } from "../../spec/document.ts";
import { type Passage, passageAround } from "./passage.ts";
import { rankSentences, readParts, sentenceSupport } from "./quote-answer.ts";

export interface NearestPassage extends Passage {
  /** The word of it that tells most of the question, as it is spelled there; none where it shares no word. */
  match: string | undefined;
}

/** Up to `limit` characters, or one sentence that is longer; none where the document has no words. */
export function nearestPassage(
  question: string,
  document: GroundingDocument,
  limit: number,
): NearestPassage | undefined {
  const indexed = indexDocument(document);
  const parts = readParts(question, [indexed]);
  const support = sentenceSupport(parts, 0);
  const [best] = rankSentences(indexed, support, 0);
  if (!best) return undefined;
  const sentence =
    support[best.sentence]! > 0 ? best.sentence : (belowHeading(indexed, support) ?? best.sentence);
  const passage = passageAround(indexed, sentence, { limit, isTaken: () => false });
  return { ...passage, match: matchIn(parts[0]!.part, indexed, sentence) };
}

/** The first sentence below the heading that shares most with the question. */
function belowHeading({ sentences }: IndexedDocument, support: readonly number[]): number | undefined {
  const most = Math.max(...support);
  const below = most > 0 ? support.indexOf(most) + 1 : sentences.length;
  return below < sentences.length && !sentences[below]!.sentence.heading ? below : undefined;
}

/** `whole` is the question before it is divided. */
function matchIn(whole: QuestionPart, { sentences }: IndexedDocument, index: number): string | undefined {
  const { sentence, terms } = sentences[index]!;
  let most = 0;
  let match: string | undefined;
  for (const term of terms)
    for (const [k, value] of whole.similarities.of(term)) {
      const told = value * whole.terms[k]!.weight;
      if (told > most) [most, match] = [told, sentence.text.slice(term.start, term.end)];
    }
  return match;
}
