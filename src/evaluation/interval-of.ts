/** Values of a figure over the rounds of a bootstrap -> its 95 % interval, by percentiles. */
import type { Interval } from "./estimate.ts";
import { percentile } from "./percentile.ts";

export function intervalOf(values: Float64Array): Interval {
  const sorted = values.toSorted();
  return { low: percentile(sorted, 2.5), high: percentile(sorted, 97.5) };
}
