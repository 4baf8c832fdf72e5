/**
 * A Russian stem in, what it may be made of out: the stem, and what is left without each prefix that it may begin with, so
 * that пояснен and объяснен, писа and написа meet. Nothing tells a prefix from letters that happen to be there (сложн,
 * ложн), so that a shared root is far from a shared word.
 */

const PREFIXES =
  "без бес в вз во воз вос вс вы до за из ис на не о об объ от ото пере по под при про раз рас с со у".split(
    " ",
  );

/** What the stems with a prefix begin with, as code units. */
export const PREFIX_INITIALS: ReadonlySet<number> = new Set(PREFIXES.map((prefix) => prefix.charCodeAt(0)));

/** Of a root. Letters. */
const SHORTEST = 4;

const RUSSIAN = /^[а-я]+$/;

/** The stem first; none for words of other letters, and for short ones. */
export function rootsOf(stem: string): string[] {
  if (stem.length < SHORTEST || !RUSSIAN.test(stem)) return [];
  const prefixes = PREFIXES.filter(
    (prefix) => stem.length - prefix.length >= SHORTEST && stem.startsWith(prefix),
  );
  return [stem, ...prefixes.map((prefix) => stem.slice(prefix.length))];
}
