/**
 * Figures with 95 % intervals by the bootstrap (Efron 1979; percentiles). Whole clusters are drawn: questions over the same
 * documents are no independent observations. The seed is fixed, so that the same answers give the same report.
 */
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Estimate, Interval } from "../estimate.ts";
import { intervalOf } from "../interval-of.ts";

export const BOOTSTRAP = { rounds: 1000, seed: 20261126 } as const;

/** `statistic` of the clusters that were drawn, as many as there are, some more than once. */
export function bootstrapInterval<T>(
  clusters: readonly T[],
  statistic: (drawn: readonly T[]) => number,
): Interval {
  const random = xoroshiro128plus(BOOTSTRAP.seed);
  const drawn = new Array<T>(clusters.length);
  const values = Float64Array.from({ length: BOOTSTRAP.rounds }, () => {
    // The bias of the 32-bit product is below 1e-6 for any number of questions.
    for (let i = 0; i < drawn.length; i++)
      drawn[i] = clusters[Math.floor(((random.next() >>> 0) / 0x1_0000_0000) * clusters.length)]!;
    return statistic(drawn);
  });
  return intervalOf(values);
}

export interface Observed {
  cluster: string;
  value: number;
}

/** Their mean; undefined where there are none. */
export function estimateMean(observed: readonly Observed[]): Estimate | undefined {
  if (observed.length === 0) return undefined;
  const sums = new Map<string, { sum: number; count: number }>();
  for (const { cluster, value } of observed) {
    const known = sums.get(cluster);
    if (known) {
      known.sum += value;
      known.count++;
    } else sums.set(cluster, { sum: value, count: 1 });
  }
  const mean = (clusters: readonly { sum: number; count: number }[]) => {
    let [sum, count] = [0, 0];
    for (const one of clusters) {
      sum += one.sum;
      count += one.count;
    }
    return sum / count;
  };
  const clusters = [...sums.values()];
  return { value: mean(clusters), interval: bootstrapInterval(clusters, mean), count: observed.length };
}
