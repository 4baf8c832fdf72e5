/**
 * How far probabilities of relevance can be believed: the reliability curve and the expected calibration error (Naeini et
 * al. 2015), over ten bins of equal width. Intervals by question.
 */
import type { Estimate } from "../estimate.ts";
import { bootstrapInterval } from "./bootstrap.ts";
import type { CalibrationBin } from "./rag-report.ts";

const BINS = 10;

/** One probability that was given, and whether it came true. */
export interface Forecast {
  /** Of the same questions: drawn together. */
  cluster: string;
  probability: number;
  isRelevant: boolean;
}

/** Of one cluster: for each bin how many forecasts, the sum of their probabilities, how many came true. */
type Sums = Float64Array;

/** undefined where there are none. */
export function calibrationOf(
  forecasts: readonly Forecast[],
): { error: Estimate; bins: CalibrationBin[] } | undefined {
  if (forecasts.length === 0) return undefined;
  const clusters = [...sumsByCluster(forecasts).values()];
  const all = added(clusters);
  return {
    error: {
      value: expectedError(all),
      interval: bootstrapInterval(clusters, (drawn) => expectedError(added(drawn))),
      count: forecasts.length,
    },
    bins: Array.from({ length: BINS }, (_, bin) => binOf(bin, all, clusters)),
  };
}

function sumsByCluster(forecasts: readonly Forecast[]): Map<string, Sums> {
  const clusters = new Map<string, Sums>();
  for (const { cluster, probability, isRelevant } of forecasts) {
    const sums = clusters.get(cluster) ?? new Float64Array(3 * BINS);
    clusters.set(cluster, sums);
    const at = 3 * Math.min(BINS - 1, Math.floor(probability * BINS));
    sums[at]! += 1;
    sums[at + 1]! += probability;
    sums[at + 2]! += isRelevant ? 1 : 0;
  }
  return clusters;
}

function added(clusters: readonly Sums[]): Sums {
  const total = new Float64Array(3 * BINS);
  for (const sums of clusters) for (let i = 0; i < total.length; i++) total[i]! += sums[i]!;
  return total;
}

/** The mean over all forecasts of how far their bin's share that came true is from its mean probability. */
function expectedError(sums: Sums): number {
  let [distance, count] = [0, 0];
  for (let at = 0; at < sums.length; at += 3) {
    count += sums[at]!;
    distance += Math.abs(sums[at + 1]! - sums[at + 2]!);
  }
  return distance / count;
}

function binOf(bin: number, all: Sums, clusters: readonly Sums[]): CalibrationBin {
  const at = 3 * bin;
  const count = all[at]!;
  const edges = { low: bin / BINS, high: (bin + 1) / BINS, count };
  if (count === 0) return edges;
  const inside = clusters.filter((sums) => sums[at]! > 0);
  const share = (drawn: readonly Sums[]) => {
    let [n, relevant] = [0, 0];
    for (const sums of drawn) {
      n += sums[at]!;
      relevant += sums[at + 2]!;
    }
    return relevant / n;
  };
  return {
    ...edges,
    probability: all[at + 1]! / count,
    relevant: { value: share(inside), interval: bootstrapInterval(inside, share), count },
  };
}
