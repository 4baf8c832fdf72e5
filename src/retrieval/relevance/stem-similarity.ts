/**
 * Two stems in, how surely they are one word out: 1 for the same stem, less for a shared beginning (правитель,
 * правительств) and, where asked, for a slip of the keyboard (глоабльн, глобальн). Knows nothing of meaning.
 */

/** A shared beginning counts from this many letters, and from this share of the longer stem. */
const MIN_PREFIX = 4;
const MIN_PREFIX_SHARE = 0.6;

/** Typos are looked for in stems of at least this length; two of them only from `TWO_TYPOS`. */
const ONE_TYPO = 4;
const TWO_TYPOS = 7;

/** Symmetric, in [0, 1]. Stems with digits are the same or different, nothing between. */
export function stemSimilarity(a: string, b: string, options: { typos: boolean }): number {
  if (a === b) return 1;
  if (a[0] !== b[0] || /\d/.test(a) || /\d/.test(b)) return 0;
  const shorter = Math.min(a.length, b.length);
  const longer = Math.max(a.length, b.length);
  let similarity = 0;
  const prefix = sharedPrefix(a, b);
  if (
    prefix >= MIN_PREFIX &&
    (prefix / longer >= MIN_PREFIX_SHARE || (prefix === shorter && longer - shorter <= 5))
  )
    similarity = prefix / longer;
  if (!options.typos || shorter < ONE_TYPO) return similarity;
  const allowed = shorter >= TWO_TYPOS ? 2 : 1;
  if (longer - shorter > allowed || lettersApart(a, b) > 2 * allowed) return similarity;
  const distance = areSameLetters(a, b) ? 1 : editDistance(a, b);
  return distance <= allowed ? Math.max(similarity, 1 - distance / shorter) : similarity;
}

function sharedPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** A lower bound of twice the edit distance, cheap: letters (modulo 32) that only one of the two has. */
function lettersApart(a: string, b: string): number {
  let difference = letterSet(a) ^ letterSet(b);
  let count = 0;
  for (; difference !== 0; difference &= difference - 1) count++;
  return count;
}

function letterSet(word: string): number {
  let set = 0;
  for (let i = 0; i < word.length; i++) set |= 1 << (word.charCodeAt(i) & 31);
  return set;
}

/** Letters in another order are one slip, however far they moved: ghandi, gandhi. */
function areSameLetters(a: string, b: string): boolean {
  return a.length === b.length && lettersApart(a, b) === 0 && sorted(a) === sorted(b);
}

const sorted = (word: string) => [...word].sort().join("");

/** Insertions, deletions, substitutions and swaps of neighbours (Damerau 1964, without overlapping edits). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(previous[j]! + 1, row[j - 1]! + 1, substituted);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j]!, before[j - 2]! + 1);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}
