/**
 * A Russian stem in; out, the stems that the same word has where a vowel before its last consonant comes or goes: ошибк and
 * ошибок, отц and отец, пальц and палец. A stemmer cuts endings, and leaves these apart. As nothing but the letters is
 * known, two words can meet in it (корон, корн), so those consonants are left out where more would (город, горд).
 */

const CONSONANT = "[бвгджзклмнпрстфхцчшщ]";
const WITH_VOWEL = new RegExp(`^(.*${CONSONANT})[ое]([кцнлмр])$`);
const WITHOUT_VOWEL = new RegExp(`^(.*${CONSONANT})ь?([кцнлмр])$`);

/** Of shorter stems too little would be left. */
const SHORTEST = 4;

export function areFleetingForms(a: string, b: string): boolean {
  if (a[0] !== b[0] || a.at(-1) !== b.at(-1) || Math.abs(a.length - b.length) > 1) return false;
  return shortened(a).includes(b) || shortened(b).includes(a);
}

/** Those that an index may have beside the stem itself. */
export function fleetingForms(stem: string): string[] {
  const short = shortened(stem);
  if (short.length > 0) return short;
  const [, before, last] = WITHOUT_VOWEL.exec(stem) ?? [];
  return before === undefined ? [] : [`${before}о${last}`, `${before}е${last}`].filter(isLongEnough);
}

function shortened(stem: string): string[] {
  if (!isLongEnough(stem)) return [];
  const [, before, last] = WITH_VOWEL.exec(stem) ?? [];
  return before === undefined ? [] : [`${before}${last}`, `${before}ь${last}`];
}

const isLongEnough = (stem: string) => stem.length >= SHORTEST;
