/**
 * A word in Cyrillic letters in; out, how the word may be spelled in Latin ones: who asks in Russian writes трейт, докер,
 * постгрес of what the page calls trait, Docker, Postgres. By sound, with the spellings of each that English has.
 */
import type { Term } from "./terms.ts";

/** The usual one first. What sounds together comes before its letters; double consonants are single. */
const SPELLINGS: Readonly<Record<string, string>> = {
  кс: "x ks cs cks",
  дж: "j g dg",
  тч: "tch",
  ей: "ay ai a ey ei",
  ай: "i y ai",
  ой: "oy oi",
  ау: "au ow",
  ью: "u ew",
  а: "a u o",
  б: "b",
  в: "v w",
  г: "g h",
  д: "d",
  е: "e a ie ea",
  ж: "j g zh",
  з: "z s",
  и: "i e y ee ea",
  й: "y i j",
  к: "k c ck ch q",
  л: "l",
  м: "m",
  н: "n",
  о: "o a ou oa",
  п: "p",
  р: "r",
  с: "s c",
  т: "t th",
  у: "u oo o w",
  ф: "f ph",
  х: "h kh ch",
  ц: "ts c tz",
  ч: "ch c",
  ш: "sh ch",
  щ: "sch",
  ъ: "",
  ы: "y i",
  ь: "",
  э: "e a",
  ю: "u yu ew",
  я: "ya ia a",
};
const SOUND = new RegExp(Object.keys(SPELLINGS).join("|"), "g");

/** What English writes twice, too: commit, Google. */
const DOUBLE = /^[bdfglmnprstz]$/;

/** A mute ending of English, or one that the stem has lost: crate, Java. */
const ENDINGS = ["", "e", "a", "y"];

/** Shorter words sound like too many. Letters. */
const SHORTEST = 4;

const CYRILLIC = /^[а-я]+$/;

export interface LatinSpellings {
  /** What they begin with, as code units. */
  initials: ReadonlySet<number>;
  /** Of a Latin word, in lower case. */
  has(word: string): boolean;
}

/** None for words of other letters, and for short ones. */
export function latinSpellings(term: Pick<Term, "word" | "stem">): LatinSpellings | undefined {
  const spelled = cyrillicOf(term).map(soundsOf);
  if (spelled.length === 0) return undefined;
  const first = spelled[0]!.find(([usual]) => usual !== "") ?? [];
  return {
    initials: new Set(first.map((spelling) => spelling.charCodeAt(0))),
    has: (word) => spelled.some((sounds) => isSpelled(word, sounds)),
  };
}

/** Threat: a regular expression of so many choices takes ages for made-up words. This follows all of them at once. */
function isSpelled(word: string, sounds: readonly string[][]): boolean {
  let reached = [0];
  for (const spellings of sounds) {
    const next = new Set<number>();
    for (const at of reached)
      for (const spelling of spellings) {
        if (!word.startsWith(spelling, at)) continue;
        next.add(at + spelling.length);
        if (DOUBLE.test(spelling) && word[at + 1] === spelling) next.add(at + 2);
      }
    reached = [...next];
  }
  return reached.some((at) => ENDINGS.includes(word.slice(at)));
}

/** The likeliest ones, at most `limit`: those with the most usual spellings of their sounds. */
export function likelySpellings(term: Pick<Term, "word" | "stem">, limit: number): string[] {
  const found = cyrillicOf(term).flatMap((one) => likeliest(soundsOf(one), limit));
  return found
    .sort((a, b) => a.rank - b.rank)
    .slice(0, limit)
    .map(({ text }) => text);
}

function likeliest(sounds: readonly string[][], limit: number): { text: string; rank: number }[] {
  let found = [{ text: "", rank: 0 }];
  for (const spellings of [...sounds, ["", "e"]])
    found = found
      .flatMap(({ text, rank }) => spellings.map((one, i) => ({ text: text + one, rank: rank + i })))
      .sort((a, b) => a.rank - b.rank)
      .slice(0, limit);
  return found;
}

/** The stem, which has no case, and the word: a stemmer takes the ends of foreign names for cases, too (токен, коммит). */
function cyrillicOf({ word, stem }: Pick<Term, "word" | "stem">): string[] {
  return [...new Set([stem, word])].filter((one) => one.length >= SHORTEST && CYRILLIC.test(one));
}

const soundsOf = (word: string) => (word.match(SOUND) ?? []).map((sound) => SPELLINGS[sound]!.split(" "));
