import fc from "fast-check";
import { expect, test } from "vitest";
import { VISIBILITY_BLOCK } from "./operations.ts";
import { visibleBlocks } from "./visible-blocks.ts";

test("a block is visible where one pair is, in its own row of the batch, and on the diagonal", () => {
  const place = fc.record({
    row: fc.integer({ min: 0, max: 1 }),
    query: fc.integer({ min: 0, max: 3 * VISIBILITY_BLOCK - 1 }),
    key: fc.integer({ min: 0, max: 3 * VISIBILITY_BLOCK - 1 }),
  });
  fc.assert(
    fc.property(fc.array(place, { maxLength: 4 }), (pairs) => {
      const length = 3 * VISIBILITY_BLOCK;
      const mask = new Float32Array(2 * length ** 2).fill(-Infinity);
      const expected = new Int32Array(2 * 9);
      for (const i of [0, 4, 8, 9, 13, 17]) expected[i] = 1;
      for (const { row, query, key } of pairs) {
        mask[row * length ** 2 + query * length + key] = 0;
        const [line, column] = [Math.floor(query / VISIBILITY_BLOCK), Math.floor(key / VISIBILITY_BLOCK)];
        expected[row * 9 + line * 3 + column] = 1;
      }
      expect(visibleBlocks(mask, length)).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});
