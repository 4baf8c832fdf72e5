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
  readonly #spellings: readonly (LatinSpellings | undefined)[];
  /** Indexes of terms: by what their stems begin with, by what their Latin spellings begin with, and by their roots. */
  readonly #byInitial = new Multimap<number, number>();
  readonly #byLatinInitial = new Multimap<number, number>();
  readonly #byRoot = new Multimap<string, number>();
  /** Of words that may resemble one. */
  readonly #initials: ReadonlySet<number>;
  readonly #found = new Map<string, readonly Similarity[]>();

  constructor(wanted: readonly Wanted[]) {
    this.#wanted = wanted;
    this.#spellings = wanted.map(latinSpellings);
    const roots = wanted.map(({ stem }) => rootsOf(stem));
    for (const [k, { stem }] of wanted.entries()) {
      this.#byInitial.add(stem.charCodeAt(0), k);
      for (const initial of this.#spellings[k]?.initials ?? []) this.#byLatinInitial.add(initial, k);
      for (const root of roots[k]!) this.#byRoot.add(root, k);
    }
    const ofRoots = roots.flat().map((root) => root.charCodeAt(0));
    this.#initials = new Set([
      ...this.#byInitial.keys(),
      ...this.#byLatinInitial.keys(),
      ...(ofRoots.length > 0 ? [...ofRoots, ...PREFIX_INITIALS] : []),
    ]);
  }

  of(word: Term): readonly Similarity[] {
    if (!this.#initials.has(word.initial)) return NONE;
    const known = this.#found.get(word.word);
    if (known) return known;
    const found = this.#compare(word);
    this.#found.set(word.word, found);
    return found;
  }

  #compare(word: Term): Similarity[] {
    const found: [term: number, value: number][] = [];
    for (const k of this.#byInitial.get(word.initial)) {
      const value = spelledAlike(this.#wanted[k]!, word);
      if (value > 0) found.push([k, value]);
    }
    // Of other letters, so of other terms.
    for (const k of this.#byLatinInitial.get(word.initial))
      if (this.#spellings[k]!.has(word)) found.push([k, SAME_SOUND]);
    for (const root of rootsOf(word.stem))
      for (const k of this.#byRoot.get(root)) {
        const one = found.find(([term]) => term === k);
        if (one) one[1] = Math.max(one[1], SAME_ROOT);
        else found.push([k, SAME_ROOT]);
      }
    return found;
  }
}

function spelledAlike(wanted: Wanted, word: Term): number {
  return areForms(wanted, word) ? 1 : stemSimilarity(wanted.stem, word.stem, { typos: wanted.rare });
}

class Multimap<K, V> {
  readonly #values = new Map<K, V[]>();

  add(key: K, value: V): void {
    const known = this.#values.get(key);
    if (known) known.push(value);
    else this.#values.set(key, [value]);
  }

  get(key: K): readonly V[] {
    return this.#values.get(key) ?? [];
  }

  keys(): Iterable<K> {
    return this.#values.keys();
  }
}
