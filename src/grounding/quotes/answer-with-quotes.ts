/**
 * The streaming interface of grounded answers over quotes: the same events as from a model, at once, with no
 * model. In a dialogue the last message is the question; one that leans on what came before ("А когда?") is
 * read together with the one that it leans on.
 */
import type { GroundingDocument } from "../../spec/document.ts";
import type { GroundedAnswer, GroundedAnswerer, GroundedEvent } from "../../spec/grounding.ts";
import { toDialogue } from "../to-dialogue.ts";
import { withBorrowedWords } from "../with-borrowed-words.ts";
import { quoteAnswer } from "./quote-answer.ts";
import { quotePassages } from "./quote-passages.ts";

/** The best sentences of the documents. */
export const answerWithQuotes: GroundedAnswerer = (...asked) => stream(quoteAnswer, ...asked);

/** The best passages of what a search found; the documents come best first. */
export const answerWithPassages: GroundedAnswerer = (...asked) => stream(quotePassages, ...asked);

async function* stream(
  quote: (question: string, documents: readonly GroundingDocument[]) => GroundedAnswer,
  ...[question, documents, options]: Parameters<GroundedAnswerer>
): AsyncGenerator<GroundedEvent> {
  options?.signal?.throwIfAborted();
  const answer = quote(withBorrowedWords(toDialogue(question)), documents);
  yield { type: "relevant", relevantDocIds: answer.relevantDocIds, relevance: answer.relevance };
  yield { type: "text", text: answer.answer };
  yield { type: "done", answer };
}
