/** Generated products against plain loops, in memory between pages that cannot be touched. */
import fc from "fast-check";
import koffi from "koffi";
import { beforeAll, describe, expect, test } from "vitest";
import { jitStatus } from "../ggml/generated.ts";
import { VISIBILITY_BLOCK } from "../operations.ts";
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

/**
 * The largest error, as a share of what rounding to 24 bits may add up to over so many terms (Higham 2002, 3.5); above 1 it is a
 * fault. What was never written is NaN, and counts as infinitely wrong.
 */
function worst(actual: Float32Array, shape: ProductShape, operands: Operands): number {
  const wanted = expected(shape, operands);
  const sizes = expected(shape, { p: operands.p.map(Math.abs), q: operands.q.map(Math.abs) });
  let most = 0;
  for (let i = 0; i < wanted.length; i++) {
    const error = Math.abs(actual[i]! - wanted[i]!);
    const allowed = (shape.terms + 1) * 2 ** -24 * sizes[i]!;
    if (error > 0) most = Math.max(most, error / allowed);
    if (Number.isNaN(error)) return Number.POSITIVE_INFINITY;
  }
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

/** Sizes of attention, small: 1 to 3 blocks of keys, queries once or twice as many, 1 or 2 heads over 1 or 2 tables. */
const attention = fc
  .record({
    sizes: fc.constantFrom(
      { keys: "rows", queries: "columns", other: "terms" } as const,
      { keys: "terms", queries: "columns", other: "rows" } as const,
      { keys: "columns", queries: "terms", other: "rows" } as const,
      { keys: "rows", queries: "terms", other: "columns" } as const,
    ),
    blocks: fc.integer({ min: 1, max: 3 }),
    group: fc.integer({ min: 1, max: 2 }),
    width: fc.integer({ min: 1, max: 40 }),
    heads: fc.integer({ min: 1, max: 2 }),
    tables: fc.integer({ min: 1, max: 2 }),
    termsFirst: fc.boolean(),
    seed: fc.integer({ min: 0, max: 2 ** 18 - 1 }),
  })
  .map(({ sizes, blocks, group, width, heads, tables, termsFirst, seed }) => {
    const { keys, queries, other } = sizes;
    const length = blocks * VISIBILITY_BLOCK;
    const of = { [keys]: length, [queries]: length * group, [other]: width } as Record<"rows", number> &
      Record<"columns", number> &
      Record<"terms", number>;
    const table = Int32Array.from({ length: blocks ** 2 * tables }, (_, i) => {
      const [line, column] = [Math.floor(i / blocks) % blocks, i % blocks];
      return line === column || ((seed >> (i % 18)) & 1) === 1 ? 1 : 0;
    });
    const shape: ProductShape = {
      ...of,
      batch: heads * tables,
      termsFirst,
      sparsity: { keys, queries, heads },
    };
    return { shape, table };
  });

/** Whether some query of the block sees some key of it, for a place of each of the three sizes. */
function isSeen({ sparsity, ...sizes }: ProductShape, table: Int32Array, matrix: number) {
  const { keys, queries, heads } = sparsity!;
  const blocks = sizes[keys] / VISIBILITY_BLOCK;
  const from = Math.floor(matrix / heads) * blocks ** 2;
  return (place: Record<"rows" | "columns" | "terms", number>) => {
    const line = Math.floor(place[queries] / VISIBILITY_BLOCK) % blocks;
    return table[from + line * blocks + Math.floor(place[keys] / VISIBILITY_BLOCK)] !== 0;
  };
}

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
        expect(worst(run(shape, operands, threads, where), shape, operands)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });

  test("leaves out the blocks of attention that nobody sees, and reads nothing there", () => {
    fc.assert(
      fc.property(attention, fc.integer({ min: 1, max: 3 }), side, ({ shape, table }, threads, where) => {
        const { rows, columns, terms, batch, termsFirst, sparsity } = shape;
        const operands = operandsOf(shape);
        const { p, q } = operands;
        const [inP, inQ] = [sparsity!.keys === "rows", sparsity!.queries === "terms"];
        for (let b = 0; b < batch; b++) {
          const seen = isSeen(shape, table, b);
          for (let t = 0; t < terms; t++) {
            for (let i = 0; inP && inQ && i < rows; i++)
              if (!seen({ rows: i, columns: 0, terms: t })) p[(b * terms + t) * rows + i] = Number.NaN;
            for (let j = 0; !inP && j < columns; j++)
              if (!seen({ rows: 0, columns: j, terms: t }))
                q[b * terms * columns + (termsFirst ? j * terms + t : t * columns + j)] = Number.NaN;
          }
        }
        const sources = [p, q, new Float32Array(table.buffer)];
        const code = productKernel(shape);
        const actual = call({ code, sources, size: rows * columns * batch, threads, side: where });
        const zeros = { p: p.map((x) => x || 0), q: q.map((x) => x || 0) };
        const wanted = expected(shape, zeros);
        for (let at = 0; inP && !inQ && at < wanted.length; at++) {
          const [i, j] = [at % rows, Math.floor(at / rows) % columns];
          const seen = isSeen(shape, table, Math.floor(at / rows / columns));
          if (seen({ rows: i, columns: j, terms: 0 })) continue;
          // Not written, and so as it was.
          if (!Number.isNaN(actual[at])) return false;
          actual[at] = wanted[at]!;
        }
        return worst(actual, shape, zeros) <= 1;
      }),
      { numRuns: 40 },
    );
  });

  test.each(LARGE)("of $rows x $columns over $terms, $batch times", (shape) => {
    const operands = operandsOf(shape);
    const alone = run(shape, operands, 1, "end");
    expect(worst(alone, shape, operands)).toBeLessThanOrEqual(1);
    expect(run(shape, operands, 3, "start")).toEqual(alone);
  });
});

test("sizes whose strides do not fit are refused", () => {
  const shape = { rows: 2 ** 15, columns: 4, terms: 2 ** 15, batch: 1, termsFirst: true };
  expect(() => productKernel(shape)).toThrow("no kernel");
});
