import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { expect, test } from "vitest";
import { drawBinomial, drawMultinomial } from "./draw-multinomial.ts";

/** Probabilities of 0 to `trials` successes. */
function binomial(trials: number, probability: number): number[] {
  const logs = [trials * Math.log1p(-probability)];
  for (let k = 1; k <= trials; k++)
    logs.push(logs[k - 1]! + Math.log((trials - k + 1) / k) + Math.log(probability / (1 - probability)));
  return logs.map(Math.exp);
}

/** Pearson's statistic less its mean, in its standard deviations, over runs of values that expect at least 20. */
function distance(
  seen: ReadonlyMap<number, number>,
  probabilities: readonly number[],
  draws: number,
): number {
  let [statistic, bins, expected, observed] = [0, 0, 0, 0];
  for (const [value, probability] of probabilities.entries()) {
    expected += draws * probability;
    observed += seen.get(value) ?? 0;
    if (expected < 20) continue;
    statistic += (observed - expected) ** 2 / expected;
    bins++;
    [expected, observed] = [0, 0];
  }
  return (statistic - (bins - 1)) / Math.sqrt(2 * (bins - 1));
}

// Both methods, on both sides of where they meet (10 expected successes), and mirrored.
test.each([
  [5, 0.3],
  [40, 0.02],
  [1000, 0.0099],
  [1000, 0.0101],
  [21, 0.5],
  [50, 0.4],
  [400, 0.97],
  [50_000, 0.007],
  [50_000, 0.5],
])("%d trials of %d: the distribution is the binomial one", (trials, probability) => {
  const random = xoroshiro128plus(11);
  const seen = new Map<number, number>();
  const draws = 50_000;
  for (let i = 0; i < draws; i++) {
    const value = drawBinomial(random, trials, probability);
    seen.set(value, (seen.get(value) ?? 0) + 1);
  }
  expect([...seen.keys()].every((k) => Number.isInteger(k) && k >= 0 && k <= trials)).toBe(true);
  const z = distance(seen, binomial(trials, probability), draws);
  expect(z).toBeLessThan(4);
  expect(z).toBeGreaterThan(-4);
});

test("nothing to draw, never, always", () => {
  const random = xoroshiro128plus(1);
  expect([drawBinomial(random, 0, 0.3), drawBinomial(random, 9, 0), drawBinomial(random, 9, 1)]).toEqual([
    0, 0, 9,
  ]);
});

test("counts add up; each cell is binomial, and two of them are against each other as they should be", () => {
  const random = xoroshiro128plus(5);
  const shares = [300, 0, 150, 50];
  const [draws, rounds] = [500, 20_000];
  const sums = [0, 0, 0, 0];
  let product = 0;
  const seen = new Map<number, number>();
  for (let round = 0; round < rounds; round++) {
    const counts = drawMultinomial(random, draws, shares, new Float64Array(4));
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(draws);
    for (const [i, n] of counts.entries()) sums[i]! += n / rounds;
    product += ((counts[0]! - 300) * (counts[2]! - 150)) / rounds;
    seen.set(counts[2]!, (seen.get(counts[2]!) ?? 0) + 1);
  }
  expect(sums[1]).toBe(0);
  for (const [i, share] of shares.entries()) expect(Math.abs(sums[i]! - share)).toBeLessThan(0.5);
  expect(Math.abs(distance(seen, binomial(draws, 0.3), rounds))).toBeLessThan(4);
  // The covariance is -500 * 0.6 * 0.3.
  expect(Math.abs(product + 90)).toBeLessThan(5);
});
