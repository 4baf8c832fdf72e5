/**
 * A Russian stem in; out, the stems that the same word has where the vowel of its suffix comes or goes: ошибк and ошибок,
 * отц and отец, пальц and палец. A stemmer cuts endings, and leaves these apart. Only before к and ц: before other consonants
 * words of other meanings would meet as well (корона and корня, посол and после).
 */

const WITH_VOWEL = /^(.*[бвгджзклмнпрстфхчшщ])[ое]([кц])$/;
const WITHOUT_VOWEL = /^(.*[бвгджзклмнпрстфхчшщ])ь?([кц])$/;

/** With the vowel. Of shorter stems too little would be left. */
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
  const [, before, last] = (isLongEnough(stem) && WITH_VOWEL.exec(stem)) || [];
  return before === undefined ? [] : [`${before}${last}`, `${before}ь${last}`];
}

const isLongEnough = (stem: string) => stem.length >= SHORTEST;
