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

/** Two generations of this many spellings bound the memory of `terms` to some forty megabytes. */
const MEMO_SIZE = 100_000;

interface Known extends Pick<Term, "word" | "stem"> {
  spelling: string;
  /** Both as an inverted index has them; empty where the word is. */
  indexed: string;
}

let english: { stem(word: string): string } | undefined;
let young = new Map<string, Known>();
let old = new Map<string, Known>();

/** The words of `text` in order. */
export function terms(text: string): Term[] {
  const found: Term[] = [];
  for (const match of text.matchAll(WORD)) {
    const { word, stem } = known(match[0]);
    if (word === "") continue;
    found.push({ word, stem, start: match.index, end: match.index + match[0].length });
  }
  return found;
}

/**
 * What an inverted index stores and looks up: every word, and every stem marked with `~` so that a stem never
 * meets another word's spelling. Both together keep the precision of exact forms and the recall of stems.
 */
export function indexTerms(text: string): string[] {
  const joined = joinedIndexTerms(text);
  return joined === "" ? [] : joined.split(" ");
}

/** The same as one string, with spaces between. */
export function joinedIndexTerms(text: string): string {
  const found: string[] = [];
  // Places are not wanted here: a match less an object for each word.
  for (const spelling of text.match(WORD) ?? []) {
    const { indexed } = known(spelling);
    if (indexed !== "") found.push(indexed);
  }
  return found.join(" ");
}

/** Most words of a text have come before: what they are is found once. */
function known(spelling: string): Known {
  const recent = young.get(spelling);
  if (recent) return recent;
  const before = old.get(spelling);
  if (before) return remember(before);
  // A copy: V8 keeps a slice of a text by keeping the whole text.
  const own = Buffer.from(spelling).toString();
  const word = normalizeWord(own);
  const wordStem = stem(word);
  const indexed = word === "" ? "" : `${word} ~${wordStem}`;
  const found = { spelling: own, word, stem: wordStem, indexed };
  return own.length > MAX_WORD_LENGTH ? found : remember(found);
}

function remember(found: Known): Known {
  if (young.size >= MEMO_SIZE) {
    old = young;
    young = new Map();
  }
  young.set(found.spelling, found);
  return found;
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
  if (word.length >= MAX_WORD_LENGTH) return word;
  if (/[а-я]/.test(word)) return stemRussian(word) || word;
  if (!/[a-z]/.test(word)) return word;
  english ??= newStemmer("english");
  return english.stem(word) || word;
}
