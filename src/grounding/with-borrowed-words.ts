/**
 * A dialogue in, its last question out; where that has few telling words of its own, behind the question that it leans on:
 * the last one before it that does not lean itself ("Who directed it?", "And who wrote it?", "thanks", "And the music?").
 */
import { questionParts } from "../retrieval/relevance/question-terms.ts";
import type { Message } from "../spec/message.ts";

/** A question with fewer telling words leans on another. */
const MIN_TERMS = 2;

/** `enough`: with as many telling words a question can stand alone. */
export function withBorrowedWords(dialogue: readonly Message[], enough = MIN_TERMS): string {
  const asked = dialogue.filter(({ role }) => role === "user").map(({ content }) => content);
  const last = asked.pop() ?? "";
  if (asked.length === 0 || termsOf(last) >= enough) return last;
  const before = asked.findLast((question) => termsOf(question) >= MIN_TERMS) ?? asked[0]!;
  return `${before} ${last}`;
}

const termsOf = (question: string) => questionParts(question)[0]!.terms.length;
