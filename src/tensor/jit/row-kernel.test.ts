/** Generated operations on rows against plain loops in doubles, between pages that cannot be touched. */
import fc from "fast-check";
import koffi from "koffi";
import { beforeAll, describe, expect, test } from "vitest";
import { jitStatus } from "../ggml/generated.ts";
import { VISIBILITY_BLOCK } from "../operations.ts";
import { openGuardedRun } from "./guarded-run.ts";
import { isRowShapeSupported, type RowOperation, type RowShape, rowKernel } from "./row-kernel.ts";

const status = await jitStatus();
if (!status.active) console.log(`generated code is not run here: ${status.reason}`);

const shapes = fc.record({
  length: fc.integer({ min: 1, max: 70 }),
  rows: fc.integer({ min: 1, max: 9 }),
  heads: fc.integer({ min: 1, max: 3 }),
  batch: fc.integer({ min: 1, max: 3 }),
});
const places = fc.record({
  threads: fc.integer({ min: 1, max: 5 }),
  side: fc.constantFrom("start" as const, "end" as const),
});

const sizeOf = ({ length, rows, heads, batch }: RowShape) => length * rows * heads * batch;
const numbers = (size: number, scale: number) =>
  Float32Array.from({ length: size }, (_, i) => scale * Math.sin(12.9898 * (i + 1)));

/** Of the largest allowed difference: 1 is the limit. NaN is beyond it. */
function worst(actual: Float32Array, expected: (index: number) => number): number {
  let most = 0;
  for (const [i, value] of actual.entries()) {
    const wanted = expected(i);
    most = Math.max(most, Math.abs(value - wanted) / (1e-6 * Math.abs(wanted) + 1e-30));
  }
  return most;
}

/** NaN where NaN is expected counts as equal. */
function largestGap(actual: Float32Array, expected: (index: number) => number): number {
  let most = 0;
  for (let i = 0; i < actual.length; i++) {
    const wanted = expected(i);
    if (!(Number.isNaN(wanted) && Number.isNaN(actual[i])))
      most = Math.max(most, Math.abs(actual[i]! - wanted));
  }
  return most;
}

function siluSlope(x: number): number {
  const s = 1 / (1 + Math.exp(-x));
  return s * (1 + x * (1 - s));
}

describe.runIf(status.active)("generated code for rows", () => {
  let call: ReturnType<typeof openGuardedRun>;
  beforeAll(() => {
    call = openGuardedRun(koffi);
  });

  test("softmax is that of doubles, and exactly 0 where the mask forbids", () => {
    fc.assert(
      fc.property(shapes, fc.constantFrom(0.5, 20), places, (shape, scale, where) => {
        const { length, rows, heads, batch } = shape;
        const [x, factor] = [numbers(sizeOf(shape), scale), 0.25];
        // Everybody sees the first.
        const mask = numbers(length * rows * batch, 1).map((value, i) =>
          value < 0 && i % length > 0 ? -Infinity : value,
        );
        const sources = [x, mask];
        const code = rowKernel({ name: "softmax", factor }, shape);
        const actual = call({ code, sources, size: sizeOf(shape), ...where });
        const at = (i: number) => {
          const row = Math.floor(i / length);
          const seenBy = Math.floor(row / (rows * heads)) * rows + (row % rows);
          return factor * x[i]! + mask[seenBy * length + (i % length)]!;
        };
        const expected = (i: number) => {
          const first = i - (i % length);
          const all = Array.from({ length }, (_, j) => Math.exp(at(first + j) - at(i)));
          return at(i) === -Infinity ? 0 : 1 / all.reduce((a, b) => a + b);
        };
        expect(worst(actual, expected)).toBeLessThan(3);
      }),
      { numRuns: 40 },
    );
  });

  test("softmaxBack, along every row", () => {
    fc.assert(
      fc.property(shapes, places, (shape, where) => {
        const { length } = shape;
        const [g, y] = [numbers(sizeOf(shape), 3), numbers(sizeOf(shape), 1)];
        const code = rowKernel({ name: "softmaxBack", factor: 0.25 }, shape);
        const actual = call({ code, sources: [g, y], size: sizeOf(shape), ...where });
        const gap = largestGap(actual, (i) => {
          const first = i - (i % length);
          let along = 0;
          for (let j = first; j < first + length; j++) along += g[j]! * y[j]!;
          return 0.25 * y[i]! * (g[i]! - along);
        });
        expect(gap).toBeLessThan(1e-5);
      }),
      { numRuns: 40 },
    );
  });

  test("softmax and its gradient leave blocks alone that nobody sees", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 511 }),
        places,
        (blocks, seed, where) => {
          const length = blocks * VISIBILITY_BLOCK;
          const shape = { length, rows: length, heads: 2, batch: 2 };
          const table = Int32Array.from({ length: blocks ** 2 * 2 }, (_, i) =>
            i % blocks === Math.floor(i / blocks) % blocks || (seed >> (i % 9)) & 1 ? 1 : 0,
          );
          const isSeen = (i: number) => {
            const [key, query] = [i % length, Math.floor(i / length) % length];
            const from = Math.floor(i / (length * length * 2)) * blocks ** 2;
            return table[
              from + Math.floor(query / VISIBILITY_BLOCK) * blocks + Math.floor(key / VISIBILITY_BLOCK)
            ];
          };
          const unseen = (values: Float32Array) => values.map((x, i) => (isSeen(i) ? x : Number.NaN));
          const [x, y] = [numbers(sizeOf(shape), 2), numbers(sizeOf(shape), 1)];
          const run = (operation: RowOperation, sources: Float32Array[]) =>
            call({ code: rowKernel(operation, shape), sources, size: sizeOf(shape), ...where });
          const entries = new Float32Array(table.buffer);
          const mask = new Float32Array(length * length * 2);
          // What nobody sees is -Infinity to the one, 0 to the other, and NaN to the code that must not look.
          const dense = x.map((value, i) => (isSeen(i) ? value : -Infinity));
          const weights = run({ name: "softmax", factor: 0.5 }, [dense, mask]);
          const slopes = run({ name: "softmaxBack", factor: 0.5 }, [
            x,
            y.map((value, i) => (isSeen(i) ? value : 0)),
          ]);
          const some = [
            run({ name: "softmax", factor: 0.5, visible: true }, [unseen(x), mask, entries]),
            run({ name: "softmaxBack", factor: 0.5, visible: true }, [unseen(x), unseen(y), entries]),
          ];
          for (const [i, all] of [weights, slopes].entries()) {
            const gap = largestGap(some[i]!, (at) => (isSeen(at) ? all[at]! : Number.NaN));
            if (!(gap < 1e-5)) return false;
          }
          return true;
        },
      ),
      { numRuns: 20 },
    );
  });

  test("siluBack, near 0 and far from it", () => {
    fc.assert(
      fc.property(shapes, fc.constantFrom(1, 30), places, (shape, scale, where) => {
        const sources = [numbers(sizeOf(shape), 1), numbers(sizeOf(shape), scale)];
        const actual = call({
          code: rowKernel({ name: "siluBack" }, shape),
          sources,
          size: sizeOf(shape),
          ...where,
        });
        const slack = worst(actual, (i) => sources[0]![i]! * siluSlope(sources[1]![i]!));
        // Where the slope crosses 0, at x = -1.28, it is a difference of two numbers of order 1.
        expect(slack).toBeLessThan(50);
      }),
      { numRuns: 40 },
    );
  });

  test("siluBack at the ends of the numbers, and NaN", () => {
    const x = Float32Array.of(-1e30, -200, -87, 0, 87, 200, 1e30, Number.NaN);
    const shape = { length: 8, rows: 1, heads: 1, batch: 1 };
    const code = rowKernel({ name: "siluBack" }, shape);
    const sources = [new Float32Array(8).fill(1), x];
    const slopes = call({ code, sources, size: 8, threads: 1, side: "end" });
    expect([...slopes.subarray(1)]).toEqual([
      expect.closeTo(0, 30),
      expect.closeTo(0, 30),
      0.5,
      1,
      1,
      1,
      Number.NaN,
    ]);
    expect(Math.abs(slopes[0]!)).toBeLessThan(1e-5);
  });

  test("a NaN in a row of softmax is not lost: training has to notice", () => {
    const shape = { length: 20, rows: 1, heads: 1, batch: 1 };
    const code = rowKernel({ name: "softmax", factor: 1 }, shape);
    const sources = [numbers(20, 1).fill(Number.NaN, 3, 4), new Float32Array(20)];
    const result = call({ code, sources, size: 20, threads: 1, side: "end" });
    expect(result.every(Number.isNaN)).toBe(true);
  });

  test("maximum, one number a row", () => {
    fc.assert(
      fc.property(shapes, places, (shape, where) => {
        const { length } = shape;
        const x = numbers(sizeOf(shape), -5).map((value, i) => (i % 3 === 0 ? -Infinity : value - 6));
        const code = rowKernel({ name: "maximum" }, shape);
        const actual = call({ code, sources: [x, x], size: x.length / length, ...where });
        const expected = Array.from(actual, (_, i) => Math.max(...x.subarray(i * length, (i + 1) * length)));
        expect([...actual]).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  test("negativeScale, by one number a row", () => {
    fc.assert(
      fc.property(shapes, places, (shape, where) => {
        const { length } = shape;
        const [x, factors] = [numbers(sizeOf(shape), 1), numbers(sizeOf(shape) / length, 3)];
        const code = rowKernel({ name: "negativeScale" }, shape);
        const actual = call({ code, sources: [x, factors], size: sizeOf(shape), ...where });
        expect(worst(actual, (i) => -x[i]! * factors[Math.floor(i / length)]!)).toBeLessThan(1);
      }),
      { numRuns: 20 },
    );
  });
});

test("sizes whose strides do not fit are refused", () => {
  const shape = { length: 2 ** 16, rows: 2 ** 16, heads: 1, batch: 1 };
  expect(isRowShapeSupported(shape)).toBe(false);
  expect(() => rowKernel({ name: "siluBack" }, shape)).toThrow("no kernel");
});
