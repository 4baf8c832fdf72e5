/**
 * Differences between two models, question by question -> the bootstrap of their mean by question, exactly: what
 * infinitely many rounds would give (the ideal bootstrap: Efron & Tibshirani 1993, 6.2). Differences are whole numbers of
 * some step, so that the sum of n draws has a characteristic function that is the n-th power of the one of a draw, and
 * its distribution is a finite Fourier sum. Rounds drawn at random could tell no p-value below 1 / rounds, and Holm's
 * correction over all pairs of 45 models asks for 0.00005.
 */
import type { Interval } from "../estimate.ts";

export interface PairedBootstrap {
  /** Of the sum of differences, in steps, 95 %. */
  interval: Interval;
  /**
   * Two-sided: twice the chance that the resampled sum is 0 or has the other sign. At least 1e-12, where sums round, and at
   * least what the signs of so few differences could show by chance (all alike: 2 / 2^n), of which a bootstrap knows nothing.
   */
  p: number;
}

const MIN_P = 1e-12;
/** exp of less is nothing beside the sums. */
const NEGLIGIBLE = -50;

/** `steps` are whole numbers; at least one. */
export function pairedBootstrap(steps: readonly number[]): PairedBootstrap {
  const most = steps.reduce((most, step) => Math.max(most, Math.abs(step)), 0);
  if (most === 0) return { interval: { low: 0, high: 0 }, p: 1 };
  const [end, atMost] = distributionOfSum(steps, most);
  /** The least sum that is not exceeded with so much probability. */
  const quantile = (probability: number) => {
    let [low, high] = [-end, end];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (atMost(middle) >= probability) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const signed = steps.filter((step) => step !== 0).length;
  const tail = Math.min(atMost(0), 1 - atMost(-1));
  return {
    interval: { low: quantile(0.025), high: quantile(0.975) },
    p: Math.min(1, Math.max(MIN_P, 2 ** (1 - signed), 2 * tail)),
  };
}

/** The greatest sum that can be, and the probability that a resampled sum is at most so much. */
function distributionOfSum(steps: readonly number[], most: number): [number, (sum: number) => number] {
  const n = steps.length;
  // Shares of steps of each size: of both signs together, and of positive ones less negative ones.
  const [even, odd] = [new Float64Array(most + 1), new Float64Array(most + 1)];
  for (const step of steps) {
    even[Math.abs(step)]! += 1 / n;
    odd[Math.abs(step)]! += Math.sign(step) / n;
  }
  const end = n * most;
  const sums = 2 * end + 1;
  // Frequency, size and angle of the terms that matter; those of negative frequencies mirror them.
  const terms: [number, number, number][] = [];
  for (let j = 1; j <= end; j++) {
    const frequency = (2 * Math.PI * j) / sums;
    const [cos1, sin1] = [Math.cos(frequency), Math.sin(frequency)];
    let [cos, sin, re, im] = [1, 0, even[0]!, 0];
    for (let size = 1; size <= most; size++) {
      [cos, sin] = [cos * cos1 - sin * sin1, sin * cos1 + cos * sin1];
      re += even[size]! * cos;
      im += odd[size]! * sin;
    }
    const power = n * Math.log(Math.hypot(re, im));
    if (power > NEGLIGIBLE) terms.push([frequency, Math.exp(power), n * Math.atan2(im, re)]);
  }
  const atMost = (sum: number) => {
    let total = sum + end + 1;
    // The sum of e^(-i frequency s) over s from -end to `sum` is a geometric one.
    for (const [frequency, size, angle] of terms)
      total +=
        (2 *
          size *
          Math.cos(angle - (frequency * (sum - end)) / 2) *
          Math.sin((frequency * (sum + end + 1)) / 2)) /
        Math.sin(frequency / 2);
    return total / sums;
  };
  return [end, atMost];
}
