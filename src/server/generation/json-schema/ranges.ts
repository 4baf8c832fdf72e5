/** Sets of characters, as ranges of Unicode scalar values: no half of a surrogate pair, which JSON texts do not hold. */

/** Both ends belong to it. */
export type Range = readonly [first: number, last: number];

const LAST = 0x10ffff;
/** What no UTF-8 spells. */
const SURROGATES: Range = [0xd800, 0xdfff];

/** Sorted, and apart from each other. */
export function joinRanges(ranges: readonly Range[]): Range[] {
  const joined: [number, number][] = [];
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const previous = joined.at(-1);
    if (previous && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else joined.push([first, last]);
  }
  return joined;
}

/** All characters that are not in `ranges`. */
export function otherThan(ranges: readonly Range[]): Range[] {
  const others: Range[] = [];
  let next = 0;
  for (const [first, last] of joinRanges([...ranges, SURROGATES])) {
    if (first > next) others.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= LAST) others.push([next, LAST]);
  return others;
}

/** What lies in both. */
export function inBoth(ranges: readonly Range[], [first, last]: Range): Range[] {
  return ranges
    .map((range): Range => [Math.max(range[0], first), Math.min(range[1], last)])
    .filter((range) => range[0] <= range[1]);
}

export function includes(ranges: readonly Range[], character: number): boolean {
  return ranges.some(([first, last]) => first <= character && character <= last);
}

export const ANY_CHARACTER: readonly Range[] = otherThan([]);
