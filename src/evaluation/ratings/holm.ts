/**
 * P-values of many tests -> adjusted ones, in the same order: the chance that any true hypothesis is rejected stays
 * below the level at which they are read. Holm, "A simple sequentially rejective multiple test procedure", 1979.
 */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const adjusted = new Array<number>(values.length);
  let highest = 0;
  for (const [rank, i] of order.entries()) {
    highest = Math.min(1, Math.max(highest, (values.length - rank) * values[i]!));
    adjusted[i] = highest;
  }
  return adjusted;
}
