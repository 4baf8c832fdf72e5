/**
 * An English word in lower case in, its stem out: Porter's second stemmer (snowballstem.org/algorithms/english), in its
 * edition of before 2024. By hand, as the package that was used for it before, and is compared with it still, takes ten
 * times as long, and words that are met for the first time are most of what a first search costs.
 */

/** Words that the rules would spoil. */
const IRREGULAR = new Map([
  ...Object.entries({ skis: "ski", skies: "sky", dying: "die", lying: "lie", tying: "tie", idly: "idl" }),
  ...Object.entries({ gently: "gentl", ugly: "ugli", early: "earli", only: "onli", singly: "singl" }),
  ...["andes", "atlas", "bias", "cosmos", "howe", "news", "sky"].map((word) => [word, word] as const),
]);

/** The same, once an s is gone. */
const IRREGULAR_SINGULAR = new Set("succeed proceed exceed canning inning earring herring outing".split(" "));

/** A y that is a consonant is written Y meanwhile. */
const VOWEL = /[aeiouy]/;

/** A suffix, what stands for it, and the letters of which one must be before it, where not any may. */
type Rule = readonly [suffix: string, replacement: string, before?: string];

/** Of each step, longer suffixes before those that they end with. */
const STEP_2 = rules(
  "ational-ate tional-tion enci-ence anci-ance abli-able entli-ent ization-ize izer-ize ation-ate ator-ate alism-al " +
    "aliti-al alli-al fulness-ful ousness-ous ousli-ous iveness-ive iviti-ive biliti-ble bli-ble fulli-ful lessli-less " +
    "ogi-og-l li--cdeghkmnrt",
);
const STEP_3 = rules("ational-ate tional-tion alize-al icate-ic iciti-ic ical-ic ful- ness-");
const ATIVE = rules("ative-");
const STEP_4 = rules(
  "ance- ence- able- ible- ate- ive- ize- iti- ism- ion--st ous- ant- ement- ment- ent- ic- al- er-",
);

function rules(list: string): Rule[] {
  return list.split(" ").map((rule) => rule.split("-") as [string, string, string?]);
}

export function stemEnglish(word: string): string {
  const irregular = IRREGULAR.get(word);
  if (irregular !== undefined) return irregular;
  if (word.length < 3) return word;
  const marked = word.replace(/^'/, "").replace(/(^|[aeiouy])y/g, "$1Y");
  const first = regionAfter(marked, /^(?:gener|commun|arsen)|[aeiouy][^aeiouy]/g, 0);
  const second = regionAfter(marked, /[aeiouy][^aeiouy]/g, first);
  let stem = withoutPlural(marked);
  if (IRREGULAR_SINGULAR.has(stem)) return stem;
  stem = withoutTense(stem, first).replace(/(.[^aeiouy])[yY]$/s, "$1i");
  stem = replaceSuffix(stem, STEP_2, first);
  stem = stem.endsWith("ative") ? replaceSuffix(stem, ATIVE, second) : replaceSuffix(stem, STEP_3, first);
  stem = replaceSuffix(stem, STEP_4, second);
  return withoutLast(stem, first, second).replaceAll("Y", "y");
}

/** Where the region begins that follows what is found from `from` on. */
function regionAfter(word: string, pattern: RegExp, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(word) ? pattern.lastIndex : word.length;
}

function withoutPlural(possessive: string): string {
  const word = possessive.replace(/'(?:s'?)?$/, "");
  if (word.endsWith("sses")) return word.slice(0, -2);
  if (/ie[ds]$/.test(word)) return word.slice(0, word.length > 4 ? -2 : -1);
  return /[^su]s$/.test(word) && VOWEL.test(word.slice(0, -2)) ? word.slice(0, -1) : word;
}

function withoutTense(word: string, first: number): string {
  const found = /(?:e?ed|ing)(?:ly)?$/.exec(word);
  if (!found) return word;
  const stem = word.slice(0, found.index);
  if (found[0].startsWith("eed")) return first <= stem.length ? `${stem}ee` : word;
  if (!VOWEL.test(stem)) return word;
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (/(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/.test(stem)) return stem.slice(0, -1);
  return stem.length === first && endsShort(stem) ? `${stem}e` : stem;
}

/** The first rule whose suffix the word ends with counts, or none. */
function replaceSuffix(word: string, list: readonly Rule[], region: number): string {
  for (const [suffix, replacement, before] of list) {
    if (!word.endsWith(suffix)) continue;
    const start = word.length - suffix.length;
    const fits =
      start >= region && (before === undefined || (start > 0 && before.includes(word[start - 1]!)));
    return fits ? word.slice(0, start) + replacement : word;
  }
  return word;
}

function withoutLast(word: string, first: number, second: number): string {
  const rest = word.slice(0, -1);
  const goes = word.endsWith("e")
    ? rest.length >= second || (rest.length >= first && !endsShort(rest))
    : word.endsWith("ll") && rest.length >= second;
  return goes ? rest : word;
}

function endsShort(stem: string): boolean {
  return /[^aeiouy][aeiouy][^aeiouywxY]$/.test(stem) || /^[aeiouy][^aeiouy]$/.test(stem);
}
