/**
 * A word in Cyrillic letters in; out, how the word may be spelled in Latin ones: who asks in Russian writes трейт, докер,
 * постгрес of what the page calls trait, Docker, Postgres. By sound, with the spellings of each that English has.
 */
import { backgroundIdf } from "./background-idf.ts";
import { stem as stemOf, type Term } from "./terms.ts";

/** The usual one first. What sounds together comes before its letters; consonants may be double in any of them. */
const SPELLINGS: Readonly<Record<string, string>> = {
  кс: "x ks cs cks",
  дж: "j g dg",
  тч: "tch",
  ей: "ay ai a ey ei",
  ай: "i y ai",
  ой: "oy oi",
  ау: "au ow ou",
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

/** What Russian writes twice sounds once; and what English does: commit, Google, traffic. */
const CYRILLIC_DOUBLE = /([бвгджзклмнпрстфхцчшщ])\1/g;
const DOUBLED = /^[bcdfglmnprstz]$/;

/** A mute ending of English, or one that the stem has lost: crate, Java. */
const ENDINGS = ["", "e", "a", "y"];

/** Less sounds like too much: жить, git. */
const FEWEST_SOUNDS = 4;

/**
 * Borrowed words are rare in general text, unlike what sounds as they do (ветер, weather), and so is what they are borrowed
 * from, unlike "then". Inverse document frequency, natural logarithm.
 */
const LEAST_IDF = { cyrillic: 5.5, latin: 4 };

const CYRILLIC = /^[а-я]+$/;

type Spelled = Pick<Term, "word" | "stem">;

export interface LatinSpellings {
  /** What they begin with, as code units. */
  initials: ReadonlySet<number>;
  has(term: Spelled): boolean;
  /** Stems of the likeliest ones, at most `limit`: those with the most usual spellings of their sounds. */
  likelyStems(limit: number): string[];
}

/** None for words of other letters, for short ones, and for those that general text has often. */
export function latinSpellings(term: Spelled): LatinSpellings | undefined {
  const spelled = spelledSounds(term);
  if (spelled.length === 0) return undefined;
  return {
    initials: new Set(spelled.flatMap(([first]) => first!.map((spelling) => spelling.charCodeAt(0)))),
    has: ({ word, stem }) =>
      backgroundIdf(stem) >= LEAST_IDF.latin &&
      spelled.some((sounds) => isSpelled(word, sounds) || isSpelled(stem, sounds)),
    likelyStems: (limit) => {
      const found = spelled.flatMap((sounds) => likeliest(sounds, limit));
      const stems = found.sort((a, b) => a.rank - b.rank).map(({ text }) => stemOf(text));
      return [...new Set(stems)].slice(0, limit);
    },
  };
}

/** Threat: a regular expression of so many choices takes ages for made-up words. This follows all of them at once. */
function isSpelled(word: string, sounds: readonly string[][]): boolean {
  let reached = [0];
  for (const spellings of sounds) {
    const next = new Set<number>();
    for (const at of reached)
      for (const spelling of spellings) if (word.startsWith(spelling, at)) next.add(at + spelling.length);
    reached = [...next];
  }
  return reached.some((at) => ENDINGS.includes(word.slice(at)));
}

function likeliest(sounds: readonly string[][], limit: number): { text: string; rank: number }[] {
  let found = [{ text: "", rank: 0 }];
  for (const spellings of [...sounds, ["", "e"]])
    found = found
      .flatMap(({ text, rank }) => spellings.map((one, i) => ({ text: text + one, rank: rank + i })))
      .sort((a, b) => a.rank - b.rank)
      .slice(0, 2 * limit);
  return found;
}

/** Of the stem, which has no case, and of the word: a stemmer takes the ends of foreign names, too (токен, коммит). */
function spelledSounds({ word, stem }: Spelled): string[][][] {
  if (backgroundIdf(stem) < LEAST_IDF.cyrillic) return [];
  return [...new Set([stem, word])]
    .filter((one) => CYRILLIC.test(one))
    .map(soundsOf)
    .filter((sounds) => sounds.length >= FEWEST_SOUNDS);
}

/** Each with its spellings; hard and soft signs have none. */
function soundsOf(word: string): string[][] {
  const sounds = word.replace(CYRILLIC_DOUBLE, "$1").match(SOUND) ?? [];
  return sounds
    .map((sound) => SPELLINGS[sound]!.split(" ").filter((spelling) => spelling !== ""))
    .filter((spellings) => spellings.length > 0)
    .map((spellings, i) => (i === 0 ? spellings : [...spellings, ...spellings.flatMap(doubled)]));
}

const doubled = (spelling: string) => (DOUBLED.test(spelling) ? [spelling + spelling] : []);
