import { setImmediate, setTimeout } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mapConcurrently } from "./map-concurrently.ts";

describe("mapConcurrently", () => {
  test("as Promise.all, in order, and never more under way than one beyond the limit", async () => {
    const item = fc.record({ weight: fc.integer({ min: 1, max: 5 }), turns: fc.integer({ min: 1, max: 5 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(item, { maxLength: 30 }),
        fc.integer({ min: 1, max: 8 }),
        async (items, limit) => {
          let load = 0;
          let most = 0;
          const run = async ({ weight, turns }: (typeof items)[number], index: number) => {
            expect(load).toBeLessThan(limit);
            load += weight;
            most = Math.max(most, load);
            for (let i = 0; i < turns; i++) await setImmediate();
            load -= weight;
            return index;
          };
          const results = await mapConcurrently(items, run, { limit, weight: ({ weight }) => weight });
          expect(results).toEqual([...items.keys()]);
          const total = items.reduce((sum, { weight }) => sum + weight, 0);
          // As many as may be: the first turn starts until the limit is reached.
          expect(most).toBeGreaterThanOrEqual(Math.min(limit, total));
        },
      ),
      { numRuns: 100 },
    );
  });

  test("the first error is thrown, thrown or rejected, and nothing is started after it", async () => {
    for (const fail of [
      () => Promise.reject(new Error("third")),
      () => {
        throw new Error("third");
      },
    ]) {
      const started: number[] = [];
      const run = async (item: number) => {
        started.push(item);
        if (item === 3) return fail();
        return setTimeout(5, item);
      };
      await expect(mapConcurrently([1, 2, 3, 4, 5, 6], run, { limit: 3 })).rejects.toThrow("third");
      await setTimeout(20);
      expect(started).toEqual([1, 2, 3]);
    }
  });
});
