/**
 * The grounded protocol: the model first names the documents that bear on the question, then answers from them in a
 * second turn of its own, or says that they hold no answer. Yields the selection, the answer as it comes, and the whole
 * with citations. Where documents come from, and what a model is made of, is not known here.
 */
import type { GroundingDocument } from "../spec/document.ts";
import type { GroundedEvent, GroundedOptions } from "../spec/grounding.ts";
import type { FinishReason, LanguageModel, Usage } from "../spec/language-model.ts";
import type { Message } from "../spec/message.ts";
import { addUsage } from "./add-usage.ts";
import { citeAnswer } from "./cite.ts";
import { checkDocuments } from "./parse-documents.ts";
import { selectAmongMany } from "./select-among-many.ts";
import { toDialogue } from "./to-dialogue.ts";

/**
 * `question` may be a dialogue, for follow-ups: user and assistant messages, the user's last. Earlier answers stand
 * there as people saw them, without their selections, whose ids may have meant other documents.
 *
 * Nothing is refused on behalf of the model: an empty selection still gets its second turn, in which it says so.
 *
 * The second turn's prompt is the first one's with its reply, so an engine that keeps its KV cache evaluates only the
 * few tokens between them: see `reusedTokens` of the usage.
 */
export async function* answerGrounded(
  model: LanguageModel,
  question: string | readonly Message[],
  documents: readonly GroundingDocument[],
  options: GroundedOptions = {},
): AsyncGenerator<GroundedEvent, void, undefined> {
  checkDocuments(documents);
  const selection = await selectAmongMany(model, toDialogue(question), documents, options.signal);
  const { relevantDocIds, relevance } = selection;
  yield { type: "relevant", relevantDocIds, relevance };

  let answer = "";
  let finishReason: FinishReason = "stop";
  let usage: Usage = selection.usage;
  const settings = {
    ...options,
    temperature: options.temperature ?? 0.3,
    maxTokens: options.maxTokens ?? 2048,
  };
  for await (const chunk of model.generate({ messages: selection.messages }, settings)) {
    answer += chunk.text;
    finishReason = chunk.finishReason ?? finishReason;
    if (chunk.usage) usage = addUsage(usage, chunk.usage);
    if (chunk.text !== "") yield { type: "text", text: chunk.text };
  }

  const relevant = documents.filter((document) => relevantDocIds.includes(document.docId));
  const citations = relevant.length > 0 ? citeAnswer(answer, relevant) : [];
  yield { type: "done", answer: { relevantDocIds, relevance, answer, citations, finishReason, usage } };
}
