/** Which cluster comes when: every epoch is a shuffle of its own, and any place in it is reached at once. */
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

export interface ClusterSource<Row> {
  /** Clusters in one epoch. */
  readonly length: number;
  /** Clusters in the whole run, over all epochs; Infinity where `maxSteps` ends it. */
  readonly total: number;
  /** The n-th cluster of the run. */
  cluster(n: number): readonly Row[];
}

/** Maps the n-th cluster of a run to its index in the data, of `length` clusters. */
export function dataOrder(length: number, seed: number): (n: number) => number {
  let epoch = -1;
  let order: Uint32Array = new Uint32Array(0);
  return (n) => {
    const wanted = Math.floor(n / length);
    if (wanted !== epoch) {
      epoch = wanted;
      order = shuffled(length, seed + epoch);
    }
    return order[n % length]!;
  };
}

/** Fisher and Yates. */
function shuffled(length: number, seed: number): Uint32Array {
  const generator = xoroshiro128plus(seed);
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = uniformInt(generator, 0, i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
