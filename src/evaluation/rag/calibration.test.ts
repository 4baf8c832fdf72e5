import fc from "fast-check";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { expect, test } from "vitest";
import { calibrationOf, type Forecast } from "./calibration.ts";

/** `chance` of each probability to come true. */
function forecasts(count: number, chance: (probability: number) => number): Forecast[] {
  const generator = xoroshiro128plus(3);
  const draw = () => (generator.next() >>> 0) / 0x1_0000_0000;
  return Array.from({ length: count }, (_, i) => {
    const probability = draw();
    // Three a question, as documents are.
    return { cluster: String(i % (count / 3)), probability, isRelevant: draw() < chance(probability) };
  });
}

test("probabilities that come true as often as they say have a small error, others a large one", () => {
  const good = calibrationOf(forecasts(6000, (p) => p))!.error;
  expect(good.value).toBeLessThan(0.03);
  // Always half: the mean distance of a uniform probability from a half is a quarter.
  const bad = calibrationOf(forecasts(6000, () => 0.5))!.error;
  expect(bad.value).toBeCloseTo(0.25, 1);
  expect(bad.interval.low).toBeLessThan(bad.value);
  expect(bad.interval.high).toBeGreaterThan(bad.value);
  expect(bad.interval.high - bad.interval.low).toBeLessThan(0.05);
});

test("is what the definition says, over bins that hold every forecast once", () => {
  const forecast = fc.record({
    cluster: fc.constantFrom("a", "b", "c"),
    probability: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.1, 0.7, 1)),
    isRelevant: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(forecast, { minLength: 1, maxLength: 40 }), (given) => {
      const { error, bins } = calibrationOf(given)!;
      expect(bins.map(({ low }) => low)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
      expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(given.length);
      let expected = 0;
      for (const { count, probability, relevant, low, high } of bins) {
        if (count === 0) {
          expect([probability, relevant]).toEqual([undefined, undefined]);
          continue;
        }
        expect(probability!).toBeGreaterThanOrEqual(low - 1e-9);
        expect(probability!).toBeLessThanOrEqual(high + 1e-9);
        expected += (count / given.length) * Math.abs(probability! - relevant!.value);
      }
      expect(error.value).toBeCloseTo(expected, 9);
    }),
    { numRuns: 30 },
  );
});
