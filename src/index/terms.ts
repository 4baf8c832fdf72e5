/**
 * Text in, the project's terms out: each word lower-cased with ё folded to е, and its stem, with the place it
 * was found. Russian is stemmed by @orama/stemmers, English by snowball-stemmers, chosen by the word's own
 * script, so mixed text needs no language setting. Knows nothing of frequencies or ranking.
 */
import { stemmer as stemRussian } from "@orama/stemmers/russian";
import { newStemmer } from "snowball-stemmers";
import { areFleetingForms, fleetingForms } from "./fleeting-vowels.ts";
import { scanWords } from "./scan-words.ts";

/** Words longer than this are garbage or attacks: kept as they are, cut to this length, and not stemmed. */
const MAX_WORD_LENGTH = 64;

/** Two generations of this many spellings bound the memory of `terms` to some forty megabytes. */
const MEMO_SIZE = 100_000;

interface Known {
  spelling: string;
  word: string;
  stem: string;
  /** Both as an inverted index has them. */
  indexed: string;
}

/** Plain letters and digits in their lower case, ё as е; of other code units, which take `normalizeWord`, nothing. */
const FOLDED = new Uint16Array(0x452);
for (const plain of "0123456789abcdefghijklmnopqrstuvwxyzабвгдеёжзийклмнопрстуфхцчшщъыьэюя")
  for (const spelled of [plain, plain.toUpperCase()])
    FOLDED[spelled.charCodeAt(0)] = (plain === "ё" ? "е" : plain).charCodeAt(0);

const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

let english: { stem(word: string): string } | undefined;
let young = new Map<string, Known>();
let old = new Map<string, Known>();

/** A word of a text, looked up when it is asked for; `text.slice(start, end)` is its spelling there. */
export class Term {
  readonly start: number;
  readonly end: number;
  readonly #text: string;
  #known: Known | undefined;

  constructor(text: string, start: number, end: number) {
    this.#text = text;
    this.start = start;
    this.end = end;
  }

  /** Lower case, ё as е, stress marks and soft hyphens dropped, thousands separators dropped from numbers. Never empty. */
  get word(): string {
    return this.#lookUp().word;
  }

  get stem(): string {
    return this.#lookUp().stem;
  }

  /** The code unit that `word` and `stem` begin with: most words need no looking up for it. */
  get initial(): number {
    const first = FOLDED[this.#text.charCodeAt(this.start)];
    // Only a mark that comes second changes a plain letter.
    const isPlain = first && (this.end === this.start + 1 || FOLDED[this.#text.charCodeAt(this.start + 1)]);
    return isPlain ? first : this.word.charCodeAt(0);
  }

  /** A hash of `word`, 32 bits (FNV-1a): nor for this do most words need looking up. */
  get hash(): number {
    let hash = FNV_BASIS;
    const end = Math.min(this.end, this.start + MAX_WORD_LENGTH);
    for (let at = this.start; at < end; at++) {
      const unit = FOLDED[this.#text.charCodeAt(at)];
      if (!unit) return hashOf(this.word);
      hash = Math.imul(hash ^ unit, FNV_PRIME);
    }
    return hash;
  }

  #lookUp(): Known {
    this.#known ??= known(this.#text.slice(this.start, this.end));
    return this.#known;
  }
}

/** The words of `text` in order. */
export function terms(text: string): Term[] {
  const found: Term[] = [];
  scanWords(text, (start, end) => found.push(new Term(text, start, end)));
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
  scanWords(text, (start, end) => {
    found.push(known(text.slice(start, end)).indexed);
  });
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
  const found = { spelling: own, word, stem: wordStem, indexed: `${word} ~${wordStem}` };
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

function hashOf(word: string): number {
  let hash = FNV_BASIS;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), FNV_PRIME);
  return hash;
}

/** Most words, and what they are spelled as. */
const PLAIN = /^[0-9a-zа-я]{1,64}$/;

/** One spelling for one word: see `Term.word`. */
export function normalizeWord(word: string): string {
  if (PLAIN.test(word)) return word;
  const plain = word
    .slice(0, MAX_WORD_LENGTH)
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\u0300\u0301\u00AD]/g, "")
    .replaceAll("ё", "е")
    .replaceAll("’", "'");
  return /^\d{1,3}(,\d{3})+$/.test(plain) ? plain.replaceAll(",", "") : plain;
}

/** As a Russian noun in the nominative may end, and hardly any other form that loses an ending. */
const endsInConsonant = (word: string) => /[бвгджзйклмнпрстфхцчшщ]$/.test(word);

/**
 * Two terms, by word and stem: whether they are forms of one word. Russian nouns that end as verbs do lose that in the
 * nominative alone (архив: арх, архива: архив), so one's stem may also be how the other is spelled; and a vowel may come or
 * go (ошибка, ошибок).
 */
export function areForms(a: Pick<Term, "word" | "stem">, b: Pick<Term, "word" | "stem">): boolean {
  return (
    a.stem === b.stem || isSpelled(a.stem, b) || isSpelled(b.stem, a) || areFleetingForms(a.stem, b.stem)
  );
}

/** Whether a stem is the nominative of a noun, as which the term is spelled. */
function isSpelled(stem: string, { word }: Pick<Term, "word">): boolean {
  return stem === word && endsInConsonant(word);
}

/** What an inverted index has of the forms of a word (see `areForms`): most words need no more than they are stored by. */
export function formsInIndex({ word, stem: own }: Pick<Term, "word" | "stem">): string[] {
  const forms = [word, ...[own, ...fleetingForms(own)].map((one) => `~${one}`)];
  if (own === word) return forms;
  // For архив, архива in a text.
  if (endsInConsonant(word)) forms.push(`~${word}`);
  // For архива, архив in a text.
  if (endsInConsonant(own) && stem(own) !== own) forms.push(own);
  return forms;
}

/** The stem of a normalized word; words of other scripts, and numbers, are their own stems. */
export function stem(word: string): string {
  if (word.length >= MAX_WORD_LENGTH) return word;
  if (/[а-я]/.test(word)) return stemRussian(word) || word;
  if (!/[a-z]/.test(word)) return word;
  english ??= newStemmer("english");
  return english.stem(word) || word;
}
