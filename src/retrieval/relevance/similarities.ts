/**
 * The terms of a question in; out, for each word of any document, which of them it resembles, and how much: it is a form of
 * one, or of its family, or is spelled alike, or has its root, or is the same in the other alphabet. Found once a word, and
 * for many words by their first letters alone: words that begin otherwise resemble nothing.
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

type Wanted = Pick<QuestionTerm, "word" | "stem" | "rare">;

const NONE: readonly Similarity[] = [];

export class Similarities {
  readonly #wanted: readonly Wanted[];
  /** Indexes of terms: by what their stems begin with, by their roots, and by what their Latin spellings begin with. */
  readonly #alike = new Index<number>();
  readonly #rooted = new Index<string>();
  readonly #latin = new Index<number>();
  readonly #spellings: readonly (LatinSpellings | undefined)[];
  /** Of words that may have one of the roots. */
  readonly #rootInitials: ReadonlySet<number>;
  readonly #found = new Map<string, readonly Similarity[]>();

  constructor(wanted: readonly Wanted[]) {
    this.#wanted = wanted;
    this.#spellings = wanted.map(latinSpellings);
    const roots = wanted.map(({ stem }) => rootsOf(stem));
    for (const [k, { stem }] of wanted.entries()) {
      this.#alike.add(stem.charCodeAt(0), k);
      for (const root of roots[k]!) this.#rooted.add(root, k);
      for (const initial of this.#spellings[k]?.initials ?? []) this.#latin.add(initial, k);
    }
    const initials = roots.flat().map((root) => root.charCodeAt(0));
    this.#rootInitials = new Set(initials.length > 0 ? [...initials, ...PREFIX_INITIALS] : []);
  }

  of(word: Term): readonly Similarity[] {
    const { initial } = word;
    const alike = this.#alike.get(initial);
    const latin = this.#latin.get(initial);
    const mayShareRoot = this.#rootInitials.has(initial);
    if (!alike && !latin && !mayShareRoot) return NONE;
    const known = this.#found.get(word.word);
    if (known) return known;
    const found: [term: number, value: number][] = [];
    for (const k of alike ?? []) {
      const value = spelledAlike(this.#wanted[k]!, word);
      if (value > 0) found.push([k, value]);
    }
    // Of other letters, so of other terms.
    for (const k of latin ?? [])
      if (this.#spellings[k]!.has(word.word) || this.#spellings[k]!.has(word.stem))
        found.push([k, SAME_SOUND]);
    if (mayShareRoot)
      for (const root of rootsOf(word.stem))
        for (const k of this.#rooted.get(root) ?? []) {
          const one = found.find(([term]) => term === k);
          if (one) one[1] = Math.max(one[1], SAME_ROOT);
          else found.push([k, SAME_ROOT]);
        }
    this.#found.set(word.word, found);
    return found;
  }
}

function spelledAlike(wanted: Wanted, word: Term): number {
  return areForms(wanted, word) ? 1 : stemSimilarity(wanted.stem, word.stem, { typos: wanted.rare });
}

/** Of numbers, each under any keys. */
class Index<K> {
  readonly #numbers = new Map<K, number[]>();

  add(key: K, number: number): void {
    const known = this.#numbers.get(key);
    if (known) known.push(number);
    else this.#numbers.set(key, [number]);
  }

  get(key: K): readonly number[] | undefined {
    return this.#numbers.get(key);
  }
}
