/**
 * How often each cell comes among so many draws with replacement: a binomial number for every cell, given what the cells
 * before it took. Binomial numbers by Hörmann's transformed rejection (BTRS, "The generation of binomial random variates",
 * 1993), or by the lengths of runs of failures where few successes are expected (Devroye 1986, X.4). Both are exact.
 */
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

/** `shares` need not add up to 1. Writes into `counts`, and gives them back. */
export function drawMultinomial(
  random: RandomGenerator,
  draws: number,
  shares: ArrayLike<number>,
  counts: Float64Array,
): Float64Array {
  let left = draws;
  let sharesLeft = 0;
  for (let cell = 0; cell < shares.length; cell++) sharesLeft += shares[cell]!;
  for (let cell = 0; cell < shares.length; cell++) {
    const share = shares[cell]!;
    counts[cell] = share >= sharesLeft ? left : drawBinomial(random, left, share / sharesLeft);
    left -= counts[cell]!;
    sharesLeft -= share;
  }
  return counts;
}

/** Successes in `trials` trials of the same probability. */
export function drawBinomial(random: RandomGenerator, trials: number, probability: number): number {
  if (probability > 0.5) return trials - drawBinomial(random, trials, 1 - probability);
  if (trials === 0 || probability <= 0) return 0;
  return trials * probability < 10
    ? byRuns(random, trials, probability)
    : byRejection(random, trials, probability);
}

/** In (0, 1). */
const uniform = (random: RandomGenerator) => ((random.next() >>> 0) + 0.5) / 0x1_0000_0000;

function byRuns(random: RandomGenerator, trials: number, probability: number): number {
  const scale = 1 / Math.log1p(-probability);
  let successes = -1;
  for (let used = 0; used <= trials; successes++) used += Math.ceil(Math.log(uniform(random)) * scale);
  return successes;
}

/** Expects at least 10 successes, and a probability of at most 0.5. */
function byRejection(random: RandomGenerator, trials: number, probability: number): number {
  const deviation = Math.sqrt(trials * probability * (1 - probability));
  const b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.01 * probability;
  const center = trials * probability + 0.5;
  const accepted = 0.92 - 4.2 / b;
  for (;;) {
    const u = uniform(random) - 0.5;
    const v = uniform(random);
    const edge = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / edge + b) * u + center);
    if (edge >= 0.07 && v <= accepted) return k;
    if (k < 0 || k > trials) continue;
    const alpha = (2.83 + 5.1 / b) * deviation;
    const mode = Math.floor((trials + 1) * probability);
    const odds = probability / (1 - probability);
    const bound =
      (mode + 0.5) * Math.log((mode + 1) / (odds * (trials - mode + 1))) +
      (trials + 1) * Math.log((trials - mode + 1) / (trials - k + 1)) +
      (k + 0.5) * Math.log((odds * (trials - k + 1)) / (k + 1)) +
      (stirlingTail(mode) + stirlingTail(trials - mode) - stirlingTail(k) - stirlingTail(trials - k));
    if (Math.log((v * alpha) / (a / edge ** 2 + b)) <= bound) return k;
  }
}

/** ln k! less Stirling's approximation of it, after (k + 1): the first values, and the series. */
const TAILS = [
  0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.020790672103765, 0.0166446911898211,
  0.0138761288230707, 0.0118967099458917, 0.010411265261972, 0.0092554621827127, 0.0083305634333628,
];

function stirlingTail(k: number): number {
  const square = (k + 1) ** 2;
  return TAILS[k] ?? (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1);
}
