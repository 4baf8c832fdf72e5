/**
 * Text in, the project's terms out: each word lower-cased with ё folded to е, and its stem, with the place it
 * was found. Russian is stemmed by @orama/stemmers, English by snowball-stemmers, chosen by the word's own
 * script, so mixed text needs no language setting. Knows nothing of frequencies or ranking.
 */
import { stemmer as stemRussian } from "@orama/stemmers/russian";
import { newStemmer } from "snowball-stemmers";

/** A word of a text; `text.slice(start, end)` is its spelling there. */
export interface Term {
  /** Lower case, ё as е, stress marks and soft hyphens dropped, thousands separators dropped from numbers. */
  word: string;
  stem: string;
  start: number;
  end: number;
}

/**
 * Numbers with inner separators (4:51, 3.5, 1,000) stay whole; everything else is a run of letters and digits,
 * apostrophes inside included. Both branches consume each character once: linear on any input.
 */
const WORD = /\p{Nd}+(?:[.,:]\p{Nd}+)+|[\p{L}\p{N}][\p{L}\p{M}\p{N}\u00AD]*(?:['’][\p{L}\p{M}\u00AD]+)*/gu;

/** Words longer than this are garbage or attacks: kept as they are, cut to this length, and not stemmed. */
const MAX_WORD_LENGTH = 64;

/** Two generations of this many words bound the memory of `stem` to a few megabytes. */
const MEMO_SIZE = 20_000;

let english: { stem(word: string): string } | undefined;
let young = new Map<string, string>();
let old = new Map<string, string>();

/** The words of `text` in order. */
export function terms(text: string): Term[] {
  const found: Term[] = [];
  for (const match of text.matchAll(WORD)) {
    const word = normalizeWord(match[0]);
    if (word === "") continue;
    found.push({ word, stem: stem(word), start: match.index, end: match.index + match[0].length });
  }
  return found;
}

/**
 * What an inverted index stores and looks up: every word, and every stem marked with `~` so that a stem never
 * meets another word's spelling. Both together keep the precision of exact forms and the recall of stems.
 */
export function indexTerms(text: string): string[] {
  return terms(text).flatMap((term) => [term.word, `~${term.stem}`]);
}

/** One spelling for one word: see `Term.word`. */
export function normalizeWord(word: string): string {
  const plain = word
    .slice(0, MAX_WORD_LENGTH)
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\u0300\u0301\u00AD]/g, "")
    .replaceAll("ё", "е")
    .replaceAll("’", "'");
  return /^\d{1,3}(,\d{3})+$/.test(plain) ? plain.replaceAll(",", "") : plain;
}

/** The stem of a normalized word; words of other scripts, and numbers, are their own stems. */
export function stem(word: string): string {
  const known = young.get(word) ?? old.get(word);
  if (known !== undefined) return known;
  if (young.size >= MEMO_SIZE) {
    old = young;
    young = new Map();
  }
  const found = compute(word);
  // A copy: V8 keeps a slice of a text by keeping the whole text.
  young.set(Buffer.from(word).toString(), found);
  return found;
}

function compute(word: string): string {
  if (word.length >= MAX_WORD_LENGTH) return word;
  if (/[а-я]/.test(word)) return stemRussian(word) || word;
  if (!/[a-z]/.test(word)) return word;
  english ??= newStemmer("english");
  return english.stem(word) || word;
}
