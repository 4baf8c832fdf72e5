/** Generated products against plain loops, in memory between pages that cannot be touched. */
import fc from "fast-check";
import koffi from "koffi";
import { beforeAll, describe, expect, test } from "vitest";
import { jitStatus } from "../ggml/generated.ts";
import { type GuardedCall, openGuardedRun } from "./guarded-run.ts";
import type { ProductShape } from "./product-blocks.ts";
import { productKernel } from "./product-kernel.ts";

const status = await jitStatus();
if (!status.active) console.log(`generated code is not run here: ${status.reason}`);

interface Operands {
  p: Float32Array;
  q: Float32Array;
}

function operandsOf({ rows, columns, terms, batch }: ProductShape): Operands {
  const p = Float32Array.from({ length: rows * terms * batch }, (_, i) => Math.sin(i + 1));
  const q = Float32Array.from({ length: terms * columns * batch }, (_, i) => Math.cos(1.7 * i));
  return { p, q };
}

function expected(shape: ProductShape, { p, q }: Operands): Float64Array {
  const { rows, columns, terms, batch, termsFirst } = shape;
  const out = new Float64Array(rows * columns * batch);
  for (let b = 0; b < batch; b++)
    for (let j = 0; j < columns; j++)
      for (let t = 0; t < terms; t++) {
        const factor = q[b * terms * columns + (termsFirst ? j * terms + t : t * columns + j)]!;
        const [from, to] = [(b * terms + t) * rows, (b * columns + j) * rows];
        for (let i = 0; i < rows; i++) out[to + i]! += p[from + i]! * factor;
      }
  return out;
}

function worst(actual: Float32Array, wanted: Float64Array): number {
  let most = 0;
  // A NaN that was never overwritten stays.
  for (const [i, value] of wanted.entries()) most = Math.max(most, Math.abs(actual[i]! - value));
  return most;
}

const side = fc.constantFrom("start" as const, "end" as const);
const small = fc.record({
  rows: fc.integer({ min: 1, max: 70 }),
  columns: fc.integer({ min: 1, max: 70 }),
  terms: fc.integer({ min: 1, max: 70 }),
  batch: fc.integer({ min: 1, max: 4 }),
  termsFirst: fc.boolean(),
});

/** Several rounds of terms, several blocks of columns, rows in parts, and sizes for which q is copied. */
const LARGE: ProductShape[] = [
  { rows: 139, columns: 128, terms: 270, batch: 1, termsFirst: false },
  { rows: 33, columns: 403, terms: 300, batch: 1, termsFirst: true },
  { rows: 19, columns: 207, terms: 513, batch: 2, termsFirst: false },
  { rows: 8, columns: 2048, terms: 257, batch: 1, termsFirst: false },
  { rows: 24, columns: 1024, terms: 20, batch: 1, termsFirst: false },
  { rows: 1, columns: 1, terms: 1000, batch: 3, termsFirst: true },
];

describe.runIf(status.active)("a generated product", () => {
  let call: ReturnType<typeof openGuardedRun>;
  beforeAll(() => {
    call = openGuardedRun(koffi);
  });
  const run = (shape: ProductShape, { p, q }: Operands, threads: number, where: GuardedCall["side"]) => {
    const size = shape.rows * shape.columns * shape.batch;
    return call({ code: productKernel(shape), sources: [p, q], size, threads, side: where });
  };

  test("is the product, whatever the sizes, and touches nothing beside its operands", () => {
    fc.assert(
      fc.property(small, fc.integer({ min: 1, max: 5 }), side, (shape, threads, where) => {
        const operands = operandsOf(shape);
        expect(worst(run(shape, operands, threads, where), expected(shape, operands))).toBeLessThan(2e-5);
      }),
      { numRuns: 60 },
    );
  });

  test.each(LARGE)("of $rows x $columns over $terms, $batch times", (shape) => {
    const operands = operandsOf(shape);
    const alone = run(shape, operands, 1, "end");
    expect(worst(alone, expected(shape, operands))).toBeLessThan(2e-4);
    expect(run(shape, operands, 3, "start")).toEqual(alone);
  });
});

test("sizes whose strides do not fit are refused", () => {
  const shape = { rows: 2 ** 15, columns: 4, terms: 2 ** 15, batch: 1, termsFirst: true };
  expect(() => productKernel(shape)).toThrow("no kernel");
});
