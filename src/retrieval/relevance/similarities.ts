/**
 * The terms of a question in; out, for each word of any document, which of them it resembles, and how much: it is a form of
 * one, or of its family, or is spelled alike, or has its root, or is the same in the other alphabet. Found once a word, and
 * for most words by their first letters alone: words that begin otherwise resemble nothing.
 */
import { type LatinSpellings, latinSpellings } from "../../index/latin-spellings.ts";
import { areForms, type Term } from "../../index/terms.ts";
import type { QuestionTerm } from "./question-terms.ts";
import { PREFIX_INITIALS, rootsOf } from "./russian-roots.ts";
import { stemSimilarity } from "./stem-similarity.ts";

/** A term of the question, by its index, and how surely a word is the same; more than 0, 1 for forms of one word. */
export type Similarity = readonly [term: number, value: number];

/** Of words that differ by a prefix (пояснение, объяснение), and of those that sound the same (трейт, trait). */
const SAME_ROOT = 0.6;
const SAME_SOUND = 0.9;

type WantedTerm = Pick<QuestionTerm, "word" | "stem" | "rare">;

interface Wanted extends WantedTerm {
  roots: readonly string[];
  latin: LatinSpellings | undefined;
}

const NONE: readonly Similarity[] = [];

export class Similarities {
  readonly #wanted: readonly Wanted[];
  readonly #initials: ReadonlySet<number>;
  readonly #found = new Map<string, readonly Similarity[]>();

  constructor(terms: readonly WantedTerm[]) {
    this.#wanted = terms.map((term) => ({ ...term, roots: rootsOf(term.stem), latin: latinSpellings(term) }));
    this.#initials = new Set(this.#wanted.flatMap(initialsOf));
  }

  of(word: Term): readonly Similarity[] {
    if (!this.#initials.has(word.initial)) return NONE;
    const known = this.#found.get(word.word);
    if (known) return known;
    const roots = rootsOf(word.stem);
    const found: Similarity[] = [];
    for (const [k, wanted] of this.#wanted.entries()) {
      const value = similarity(wanted, word, roots);
      if (value > 0) found.push([k, value]);
    }
    this.#found.set(word.word, found);
    return found;
  }
}

function initialsOf({ stem, roots, latin }: Wanted): number[] {
  const own = [stem, ...roots].map((one) => one.charCodeAt(0));
  return [...own, ...(roots.length > 0 ? PREFIX_INITIALS : []), ...(latin?.initials ?? [])];
}

function similarity(wanted: Wanted, word: Term, roots: readonly string[]): number {
  if (areForms(wanted, word)) return 1;
  if (wanted.latin?.has(word.word) || wanted.latin?.has(word.stem)) return SAME_SOUND;
  const spelled = stemSimilarity(wanted.stem, word.stem, { typos: wanted.rare });
  return wanted.roots.some((root) => roots.includes(root)) ? Math.max(SAME_ROOT, spelled) : spelled;
}
