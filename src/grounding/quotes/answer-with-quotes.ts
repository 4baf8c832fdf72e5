/**
 * The streaming interface of grounded answers over quotes: the same events as from a model, at once, with no
 * model. In a dialogue the last message is the question; one that leans on what came before ("А когда?") is
 * read together with the user's message before it.
 */

import { questionParts } from "../../retrieval/relevance/question-terms.ts";
import type { GroundingDocument } from "../../spec/document.ts";
import type { GroundedAnswer, GroundedAnswerer, GroundedEvent } from "../../spec/grounding.ts";
import type { Message } from "../../spec/message.ts";
import { toDialogue } from "../to-dialogue.ts";
import { quoteAnswer } from "./quote-answer.ts";
import { quotePassages } from "./quote-passages.ts";

/** A question with fewer telling words than this cannot be understood alone. */
const MIN_TERMS = 2;

/** The best sentences of the documents. */
export const answerWithQuotes: GroundedAnswerer = (...asked) => stream(quoteAnswer, ...asked);

/** The best passages of what a search found; the documents come best first. */
export const answerWithPassages: GroundedAnswerer = (...asked) => stream(quotePassages, ...asked);

async function* stream(
  quote: (question: string, documents: readonly GroundingDocument[]) => GroundedAnswer,
  ...[question, documents, options]: Parameters<GroundedAnswerer>
): AsyncGenerator<GroundedEvent> {
  options?.signal?.throwIfAborted();
  const answer = quote(askedIn(toDialogue(question)), documents);
  yield { type: "relevant", relevantDocIds: answer.relevantDocIds, relevance: answer.relevance };
  yield { type: "text", text: answer.answer };
  yield { type: "done", answer };
}

function askedIn(dialogue: readonly Message[]): string {
  const asked = dialogue.filter((message) => message.role === "user").map((message) => message.content);
  const last = asked.at(-1) ?? "";
  const before = asked.at(-2);
  return before !== undefined && questionParts(last)[0]!.terms.length < MIN_TERMS
    ? `${before} ${last}`
    : last;
}
