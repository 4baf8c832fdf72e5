/**
 * The terms of a question in; out, for each word of any document, which of them it resembles, and how much. Found once a
 * stem, and for most words by their first letters alone: words that begin otherwise resemble nothing (stem-similarity.ts).
 */
import type { Term } from "../../index/terms.ts";
import type { QuestionTerm } from "./question-terms.ts";
import { stemSimilarity } from "./stem-similarity.ts";

/** A term of the question, by its index, and how surely a word is the same; more than 0, 1 for the same stem. */
export type Similarity = readonly [term: number, value: number];

const NONE: readonly Similarity[] = [];

export class Similarities {
  readonly #wanted: readonly Pick<QuestionTerm, "stem" | "rare">[];
  readonly #initials: ReadonlySet<number>;
  readonly #found = new Map<string, readonly Similarity[]>();

  constructor(wanted: readonly Pick<QuestionTerm, "stem" | "rare">[]) {
    this.#wanted = wanted;
    this.#initials = new Set(wanted.map(({ stem }) => stem.charCodeAt(0)));
  }

  of(word: Term): readonly Similarity[] {
    if (!this.#initials.has(word.initial)) return NONE;
    const { stem } = word;
    const known = this.#found.get(stem);
    if (known) return known;
    const found: Similarity[] = [];
    for (const [k, wanted] of this.#wanted.entries()) {
      const value = stemSimilarity(wanted.stem, stem, { typos: wanted.rare });
      if (value > 0) found.push([k, value]);
    }
    this.#found.set(stem, found);
    return found;
  }
}
