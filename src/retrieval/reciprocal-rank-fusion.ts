/**
 * Rankings of the same things in, one ranking out: each thing scores the sum of 1 / (k + rank) over the rankings that
 * hold it (Cormack, Clarke and Buettcher 2009). Scores that cannot be compared are not compared.
 */

/** As in the paper: the first ranks do not count for everything. */
const USUAL_K = 60;

/** Best first; ties in the order in which they come up. The smaller `k`, the more the first ranks count. */
export function reciprocalRankFusion<T>(
  rankings: readonly (readonly T[])[],
  k = USUAL_K,
): { item: T; score: number }[] {
  const scores = new Map<T, number>();
  for (const ranking of rankings)
    for (const [i, item] of ranking.entries()) scores.set(item, (scores.get(item) ?? 0) + 1 / (k + i + 1));
  return [...scores].map(([item, score]) => ({ item, score })).sort((a, b) => b.score - a.score);
}
