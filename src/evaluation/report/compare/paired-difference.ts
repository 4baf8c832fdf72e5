/**
 * The interval of a mean difference on the same questions: the bootstrap by question (Efron 1979), percentiles 2.5 and
 * 97.5 between two neighbours by line. The same draws every time.
 */
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Interval } from "../../estimate.ts";

const ROUNDS = 1000;
const SEED = 1;

/** One difference for each question; null where there are fewer than two. */
export function pairedInterval(differences: readonly number[]): Interval | null {
  const n = differences.length;
  if (n < 2) return null;
  const random = xoroshiro128plus(SEED);
  const means = Array.from({ length: ROUNDS }, () => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += differences[uniformInt(random, 0, n - 1)]!;
    return sum / n;
  }).sort((a, b) => a - b);
  return { low: percentile(means, 0.025), high: percentile(means, 0.975) };
}

function percentile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const next = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return sorted[below]! + (at - below) * (next - sorted[below]!);
}
