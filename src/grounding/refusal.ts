/** What is said where no document answers, in the language of the question, by its script. */
import { REFUSALS } from "../spec/grounding.ts";
import { isMostlyCyrillic } from "../util/is-mostly-cyrillic.ts";

export const refusal = (question: string): string => REFUSALS[isMostlyCyrillic(question) ? "ru" : "en"];
