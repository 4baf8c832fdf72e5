/** Places for the labels of an axis. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { niceTicks } from "./nice-ticks.ts";

test("ticks are even, round, reach down to the lowest value, and stay below the highest", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1, max: 1e6, noNaN: true }),
      fc.integer({ min: 2, max: 12 }),
      (low, span, about) => {
        const ticks = niceTicks(low, low + span, about);
        const step = ticks[1]! - ticks[0]!;
        const close = (a: number, b: number) => Math.abs(a - b) <= 1e-6 * step + 1e-9 * Math.abs(a);
        expect(ticks[0]!).toBeLessThanOrEqual(low + 1e-6 * step);
        expect(ticks[0]! + step).toBeGreaterThan(low - 1e-6 * step);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(about + 2);
        if (ticks.length > 2) expect(ticks.at(-1)!).toBeLessThanOrEqual(low + span + 1e-6 * step);
        for (const [i, tick] of ticks.entries()) expect(close(tick, ticks[0]! + i * step)).toBe(true);
        const digit = Number(step.toExponential(0).split("e")[0]);
        expect([1, 2, 5]).toContain(digit);
      },
    ),
  );
});
