/** Whoever answers from documents: a model by the two-step protocol, or, without one, quotes. */
import type { GroundedAnswerer } from "../spec/grounding.ts";
import type { LanguageModel } from "../spec/language-model.ts";

/** Where there is no model, `quoting` says what is quoted. Loads no more than is needed. */
export async function answererOf(
  model: LanguageModel | undefined,
  quoting: "answerWithQuotes" | "answerWithPassages",
): Promise<GroundedAnswerer> {
  if (model === undefined) return (await import("../grounding/quotes/answer-with-quotes.ts"))[quoting];
  const { answerGrounded } = await import("../grounding/answer-grounded.ts");
  return (question, documents, options) => answerGrounded(model, question, documents, options);
}
