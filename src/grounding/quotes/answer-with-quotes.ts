/**
 * The streaming interface of grounded answers over quotes: the same events as from a model, at once, with no
 * model. In a dialogue the last message is the question; one that leans on what came before ("А когда?") is
 * read together with the user's message before it.
 */

import { questionParts } from "../../retrieval/relevance/question-terms.ts";
import type { GroundedAnswerer } from "../../spec/grounding.ts";
import type { Message } from "../../spec/message.ts";
import { toDialogue } from "../to-dialogue.ts";
import { quoteAnswer } from "./quote-answer.ts";

/** A question with fewer telling words than this cannot be understood alone. */
const MIN_TERMS = 2;

export const answerWithQuotes: GroundedAnswerer = async function* (question, documents, options = {}) {
  options.signal?.throwIfAborted();
  const answer = quoteAnswer(askedIn(toDialogue(question)), documents);
  yield { type: "relevant", relevantDocIds: answer.relevantDocIds, relevance: answer.relevance };
  yield { type: "text", text: answer.answer };
  yield { type: "done", answer };
};

function askedIn(dialogue: readonly Message[]): string {
  const asked = dialogue.filter((message) => message.role === "user").map((message) => message.content);
  const last = asked.at(-1) ?? "";
  const before = asked.at(-2);
  return before !== undefined && questionParts(last)[0]!.terms.length < MIN_TERMS
    ? `${before} ${last}`
    : last;
}
