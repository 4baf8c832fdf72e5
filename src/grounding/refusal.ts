/** What is said where no document answers, in the language of the question, by its script. */
import { isMostlyCyrillic } from "../util/is-mostly-cyrillic.ts";

export function refusal(question: string): string {
  return isMostlyCyrillic(question)
    ? "В предоставленных документах нет ответа на этот вопрос."
    : "The documents provided do not answer this question.";
}
