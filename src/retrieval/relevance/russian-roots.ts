/**
 * A Russian stem in, what it may be made of out: the stem, and what is left without each prefix that it may begin with, so
 * that пояснен and объяснен, писа and написа meet. Nothing tells a prefix from letters that happen to be there (сложн,
 * ложн), so that a shared root is far from a shared word.
 */

const ALL =
  "без бес в вз во воз вос вс вы до за из ис на не о об объ от ото пере по под при про раз рас с со у".split(
    " ",
  );

/** By their first letter. */
const PREFIXES = new Map(
  ALL.map((one) => [one.charCodeAt(0), ALL.filter((prefix) => prefix[0] === one[0])] as const),
);

/** Of stems with a prefix, as code units. */
export const PREFIX_INITIALS: readonly number[] = [...PREFIXES.keys()];

/** Of a root. Letters. */
const SHORTEST = 4;

const RUSSIAN = /^[а-я]+$/;

/** The stem first; none for words of other letters, and for short ones. */
export function rootsOf(stem: string): string[] {
  if (stem.length < SHORTEST || !RUSSIAN.test(stem)) return [];
  const roots = [stem];
  for (const prefix of PREFIXES.get(stem.charCodeAt(0)) ?? [])
    if (stem.length - prefix.length >= SHORTEST && stem.startsWith(prefix))
      roots.push(stem.slice(prefix.length));
  return roots;
}
