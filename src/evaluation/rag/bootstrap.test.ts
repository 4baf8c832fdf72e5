import fc from "fast-check";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { expect, test } from "vitest";
import { estimateMean } from "./bootstrap.ts";

function draws(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => (generator.next() >>> 0) / 0x1_0000_0000;
}

const alone = (values: readonly number[]) => values.map((value, i) => ({ cluster: String(i), value }));

test("the mean, an interval around it, the same every time", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 30 }), (values) => {
      const estimate = estimateMean(alone(values))!;
      expect(estimate.value).toBeCloseTo(values.reduce((a, b) => a + b, 0) / values.length, 9);
      expect(estimate.interval.low).toBeLessThanOrEqual(estimate.value + 1e-9);
      expect(estimate.interval.high).toBeGreaterThanOrEqual(estimate.value - 1e-9);
      expect(estimate.interval.low).toBeGreaterThanOrEqual(Math.min(...values));
      expect(estimate.interval.high).toBeLessThanOrEqual(Math.max(...values));
      expect(estimate.count).toBe(values.length);
      expect(estimateMean(alone(values))).toEqual(estimate);
    }),
    { numRuns: 30 },
  );
  expect(estimateMean([])).toBeUndefined();
});

test("about 95 of 100 intervals hold the truth", () => {
  let held = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const draw = draws(seed);
    const { low, high } = estimateMean(
      alone(Array.from({ length: 60 }, () => (draw() < 0.7 ? 1 : 0))),
    )!.interval;
    if (low <= 0.7 && 0.7 <= high) held++;
  }
  expect(held).toBeGreaterThan(176);
  expect(held).toBeLessThan(200);
});

test("questions over the same documents count as one draw", () => {
  const draw = draws(7);
  const values = Array.from({ length: 50 }, () => (draw() < 0.5 ? 1 : 0));
  const width = (observed: Parameters<typeof estimateMean>[0]) => {
    const { low, high } = estimateMean(observed)!.interval;
    return high - low;
  };
  // Four times the same answer to the same documents tells no more than one.
  const repeated = values.flatMap((value, i) => Array(4).fill({ cluster: String(i), value }));
  expect(width(repeated)).toBeCloseTo(width(alone(values)), 9);
  expect(width(alone(repeated.map(({ value }) => value)))).toBeLessThan(0.7 * width(repeated));
});
