/**
 * The terms of a question in; out, for each word of any document, which of them it resembles, and how much. Found once a
 * word, and for most words by their first letters alone: words that begin otherwise resemble nothing (stem-similarity.ts).
 */
import { areForms, type Term } from "../../index/terms.ts";
import type { QuestionTerm } from "./question-terms.ts";
import { stemSimilarity } from "./stem-similarity.ts";

/** A term of the question, by its index, and how surely a word is the same; more than 0, 1 for forms of one word. */
export type Similarity = readonly [term: number, value: number];

type Wanted = Pick<QuestionTerm, "word" | "stem" | "rare">;

const NONE: readonly Similarity[] = [];

export class Similarities {
  readonly #wanted: readonly Wanted[];
  readonly #initials: ReadonlySet<number>;
  readonly #found = new Map<string, readonly Similarity[]>();

  constructor(wanted: readonly Wanted[]) {
    this.#wanted = wanted;
    this.#initials = new Set(wanted.map(({ stem }) => stem.charCodeAt(0)));
  }

  of(word: Term): readonly Similarity[] {
    if (!this.#initials.has(word.initial)) return NONE;
    const known = this.#found.get(word.word);
    if (known) return known;
    const found: Similarity[] = [];
    for (const [k, wanted] of this.#wanted.entries()) {
      const value = areForms(wanted, word)
        ? 1
        : stemSimilarity(wanted.stem, word.stem, { typos: wanted.rare });
      if (value > 0) found.push([k, value]);
    }
    this.#found.set(word.word, found);
    return found;
  }
}
