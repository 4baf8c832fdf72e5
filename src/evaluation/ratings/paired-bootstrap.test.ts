import fc from "fast-check";
import { expect, test } from "vitest";
import { pairedBootstrap } from "./paired-bootstrap.ts";
import { drawCounts } from "./resample.ts";

/** Every one of the n^n resamples. */
function enumerate(steps: readonly number[]): number[] {
  return steps.reduce((sums) => sums.flatMap((sum) => steps.map((step) => sum + step)), [0]);
}

test("is what all resamples give, each counted once", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 5 }), (steps) => {
      const sums = enumerate(steps).sort((a, b) => a - b);
      const { interval, p } = pairedBootstrap(steps);
      // The quantile may fall just between two sums, where rounding decides.
      const at = (share: number, nudge: number) => sums[Math.ceil((share + nudge) * sums.length) - 1]!;
      expect(interval.low).toBeGreaterThanOrEqual(at(0.025, -1e-9));
      expect(interval.low).toBeLessThanOrEqual(at(0.025, 1e-9));
      expect(interval.high).toBeGreaterThanOrEqual(at(0.975, -1e-9));
      expect(interval.high).toBeLessThanOrEqual(at(0.975, 1e-9));
      const share = (test: (sum: number) => boolean) => sums.filter(test).length / sums.length;
      const tail =
        2 *
        Math.min(
          share((sum) => sum <= 0),
          share((sum) => sum >= 0),
        );
      const signed = steps.filter((step) => step !== 0).length;
      expect(p).toBeCloseTo(signed === 0 ? 1 : Math.min(1, Math.max(tail, 2 ** (1 - signed), 1e-12)), 9);
    }),
  );
});

test("500 questions: what rounds drawn at random give, as far as they can tell", () => {
  const steps = Array.from({ length: 500 }, (_, i) => ((i * i) % 9) - 3 + (i % 5 === 0 ? 1 : 0)).map((s) =>
    Math.min(4, s),
  );
  const draw = drawCounts(steps.length, 9);
  const sums = Float64Array.from({ length: 20_000 }, () =>
    draw().reduce((sum, times, i) => sum + times * steps[i]!, 0),
  ).sort();
  const { interval, p } = pairedBootstrap(steps);
  const deviation = Math.sqrt(steps.reduce((sum, step) => sum + step * step, 0));
  expect(Math.abs(interval.low - sums[500]!)).toBeLessThan(deviation / 20);
  expect(Math.abs(interval.high - sums[19_500]!)).toBeLessThan(deviation / 20);
  const atMost0 = sums.filter((sum) => sum <= 0).length / sums.length;
  const atLeast0 = sums.filter((sum) => sum >= 0).length / sums.length;
  expect(Math.abs(p - 2 * Math.min(atMost0, atLeast0))).toBeLessThan(0.02);
});

test("exchanging the models mirrors the interval and keeps p", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 60 }), (steps) => {
      const [here, there] = [pairedBootstrap(steps), pairedBootstrap(steps.map((step) => -step))];
      expect(there.p).toBeCloseTo(here.p, 9);
      // A quantile may lie one step further where the other side's begins.
      expect(Math.abs(there.interval.low + here.interval.high)).toBeLessThanOrEqual(8);
    }),
  );
});

test("says no more than the data can", () => {
  expect(pairedBootstrap([0, 0, 0])).toEqual({ interval: { low: 0, high: 0 }, p: 1 });
  expect(pairedBootstrap([4]).p).toBe(1);
  expect(pairedBootstrap([4, 4, 4, 4]).p).toBe(0.125);
  expect(pairedBootstrap(new Array(500).fill(2)).p).toBe(1e-12);
});
