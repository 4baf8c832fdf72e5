/**
 * Every operation, on every backend: values against the reference, gradients against finite differences of the
 * reference. The table has an entry for each name, so that an operation without a case does not compile.
 */
import { afterAll, describe, expect, test } from "vitest";
import type { Backend } from "./backend.ts";
import { openGgmlBackend } from "./ggml/backend.ts";
import { type OpName, VISIBILITY_BLOCK } from "./operations.ts";
import * as op from "./ops.ts";
import { openReferenceBackend } from "./reference/backend.ts";
import {
  alongOne,
  differenceOf,
  evaluate,
  finiteDifference,
  gradientsOn,
} from "./reference/check-gradients.ts";
import { type LeafMaker, makeLeaves } from "./reference/leaf-maker.ts";
import { elementCount, type Tensor } from "./tensor.ts";
import { visibleBlocks } from "./visible-blocks.ts";

/** Results to compare; gradients are taken by the leaves made with `parameter`. */
type Case = (make: LeafMaker) => Tensor[];

const ROPE = { dimensions: 4, base: 100 };
const EPSILON = 1e-5;

const CASES: Record<OpName, Case> = {
  leaf: ({ parameter }) => [op.scale(parameter(3, 2), 1)],
  matmul: (make) => [
    op.matmul(make.parameter(8, 3), make.parameter(8, 5)),
    op.matmul(make.parameter(32, 16), make.input(32, 24)),
    op.matmul(make.input(7, 4), make.parameter(7, 3)),
    op.matmul(make.parameter(5, 4, 3, 2), make.parameter(5, 6, 3, 2)),
    op.matmul(make.parameter(8, 16, 2, 2), make.parameter(8, 48, 2, 2)),
    op.matmul(make.parameter(1, 1), make.parameter(1, 1)),
    op.matmul(make.parameter(192, 8), make.parameter(192, 12)),
    op.matmul(make.parameter(8, 64, 2, 2), make.parameter(8, 6, 2, 2)),
    attention(make, 2 * VISIBILITY_BLOCK, 1),
    attention(make, 3 * VISIBILITY_BLOCK, 2),
  ],
  outer: ({ input }) => [
    op.outer(input(8, 5), input(3, 5)),
    op.outer(input(3, 7), input(9, 7)),
    op.outer(input(32, 16), input(24, 16)),
    op.outer(input(8, 192), input(12, 192)),
    op.outer(input(8, 9), input(1024, 9)),
    op.outer(input(6, 4, 2, 3), input(3, 4, 2, 3)),
    op.outer(input(3, 4, 2, 3), input(6, 4, 2, 3)),
  ],
  transpose: ({ parameter }) => [
    op.transpose(parameter(5, 3)),
    op.transpose(parameter(33, 17)),
    op.transpose(parameter(64, 80)),
    op.transpose(parameter(1024, 16)),
    op.transpose(parameter(4, 2, 3, 2)),
  ],
  permute: ({ parameter }) => [
    op.permute(parameter(2, 3, 4, 5), [0, 2, 1, 3]),
    op.permute(parameter(2, 3, 4, 5), [1, 2, 0, 3]),
    op.permute(parameter(2, 3, 4, 5), [3, 2, 1, 0]),
    op.permute(parameter(16, 4, 32, 2), [1, 2, 0, 3]),
    op.permute(parameter(16, 32, 4, 2), [2, 0, 1, 3]),
  ],
  reshape: ({ parameter }) => [op.scale(op.reshape(parameter(6, 4), 3, 2, 4), 2)],
  add: ({ parameter, input }) => [op.add(parameter(3, 4, 2), input(3, 4, 2)), double(parameter(5, 2))],
  mul: ({ parameter, input }) => [
    op.mul(parameter(4, 3), parameter(4, 3)),
    op.mul(parameter(4, 3, 2), parameter(4)),
    op.mul(input(4, 3, 2, 2), parameter(4)),
    op.mul(parameter(4), parameter(4)),
    square(parameter(5, 2)),
  ],
  scale: ({ parameter }) => [op.scale(parameter(4, 3), -1.5)],
  sumRows: ({ input }) => [op.sumRows(input(5, 4)), op.sumRows(input(5, 4, 3, 2)), op.sumRows(input(7))],
  rmsNorm: ({ parameter }) => [op.rmsNorm(parameter(8, 3), EPSILON), op.rmsNorm(parameter(5, 2, 3), 0.5)],
  rmsNormBack: ({ input }) => [op.rmsNormBack(input(8, 3, 2), input(8, 3, 2), EPSILON)],
  rope: ({ parameter, indices }) => [
    op.rope(parameter(4, 2, 5), indices(5, 90), ROPE),
    op.rope(parameter(6, 3, 4, 1), indices(4, 7), ROPE),
  ],
  ropeBack: ({ input, indices }) => [op.ropeBack(input(6, 2, 5), indices(5, 90), ROPE)],
  swiglu: ({ parameter }) => [op.swiglu(parameter(6, 3), parameter(6, 3))],
  silu: ({ parameter }) => [op.silu(parameter(6, 3))],
  siluBack: ({ input }) => [
    op.siluBack(input(6, 3), input(6, 3)),
    op.siluBack(input(19, 3, 2, 2), input(19, 3, 2, 2)),
  ],
  softmax: ({ parameter, given }) => [
    op.softmax(parameter(4, 4, 2, 3), given(causalMask(4, 4, 3), 4, 4, 1, 3), 0.7),
    op.softmax(parameter(6, 3, 1, 1), given(causalMask(6, 3, 1), 6, 3), 1),
    op.softmax(parameter(21, 5, 3, 2), given(causalMask(21, 5, 2), 21, 5, 1, 2), 1),
  ],
  softmaxBack: ({ input }) => [op.softmaxBack(input(6, 3, 2), input(6, 3, 2), 0.7)],
  rows: ({ parameter, indices }) => [op.rows(parameter(4, 9), indices(13, 9))],
  rowsBack: ({ input, indices }) => [op.rowsBack(input(4, 13), indices(13, 9), input(4, 9))],
  labelLogprob: (make) => [op.labelLogprob(make.parameter(9, 4), ...labels(make, 9, 4)), unlikelyLabel(make)],
  labelLogprobBack: (make) => [
    op.labelLogprobBack(make.input(1, 4), make.input(9, 4), ...labels(make, 9, 4)),
  ],
  checkpoint: ({ parameter }) => {
    const w = parameter(4, 4);
    const block = (x: Tensor) => op.rmsNorm(op.silu(op.matmul(w, x)), EPSILON);
    return [op.checkpoint(block, op.silu(parameter(4, 3))), op.checkpoint(block, parameter(4, 3))];
  },
  accumulate: ({ input }) => [op.accumulate(input(4, 3), input(4, 3))],
  sumSquares: ({ input }) => [op.sumSquares(input(5, 3, 2))],
  adamw: ({ input, given }) => {
    const settings = Float32Array.of(0.01, 0.9, 0.95, 1e-8, 0.1, 10, 20);
    const v = Float32Array.from({ length: 12 }, (_, i) => i / 12);
    return [
      op.adamw(
        input(4, 3),
        input(4, 3),
        input(4, 3),
        given(v, 4, 3),
        given(settings),
        given(Float32Array.of(0.7)),
      ),
    ];
  },
  assign: ({ input }) => [op.assign(input(4, 3), input(4, 3))],
  scaleBy: ({ input }) => [op.scaleBy(input(5, 3, 2), input(1))],
};

/**
 * A whole attention, all of whose matrices leave blocks out, in two rows of one key head each: one of them holds two
 * texts. `group` queries share a key.
 */
function attention(make: LeafMaker, length: number, group: number): Tensor {
  const { parameter, given } = make;
  const width = 5;
  const half = Math.floor(length / 2);
  const mask = Float32Array.from({ length: length * length * 2 }, (_, i) => {
    const [key, query] = [i % length, Math.floor(i / length) % length];
    const isCut = i >= length * length && key < half && query >= half;
    return key <= query && !isCut ? 0 : -Infinity;
  });
  const blocks = length / VISIBILITY_BLOCK;
  const table = given(visibleBlocks(mask, length), blocks, blocks, 1, 2);
  const [keys, queries] = [parameter(width, length, 1, 2), parameter(width, length * group, 1, 2)];
  const scores = op.reshape(op.matmul(keys, queries, table, "result"), length, length, group, 2);
  const weights = op.softmax(scores, given(mask, length, length, 1, 2), 0.7, table);
  const values = op.transpose(parameter(width, length, 1, 2));
  return op.matmul(values, op.reshape(weights, length, length * group, 1, 2), table, "second");
}

function double(x: Tensor): Tensor {
  return op.add(x, x);
}

function square(x: Tensor): Tensor {
  return op.mul(x, x);
}

/** Query q sees keys 0..q, in batch b also the first b keys: every row sees something. */
function causalMask(keys: number, queries: number, batch: number): Float32Array {
  return Float32Array.from({ length: keys * queries * batch }, (_, i) => {
    const query = Math.floor(i / keys) % queries;
    return i % keys <= Math.max(query, Math.floor(i / (keys * queries))) ? 0 : -Infinity;
  });
}

function labels({ indices, given, values }: LeafMaker, v: number, n: number): [Tensor, Tensor] {
  const label = indices(n, v);
  const flat = Array.from(values.get(label) as Int32Array, (row, i) => BigInt(i * v + row));
  return [label, given(BigInt64Array.from(flat))];
}

/** The label's probability is e^-90, below the smallest f32: only a log-probability that never forms it is right. */
function unlikelyLabel({ given }: LeafMaker): Tensor {
  const logits = given(Float32Array.of(0, 90, 3, 1000, 910, 999), 3, 2);
  return op.labelLogprob(logits, given(Int32Array.of(0, 1)), given(BigInt64Array.of(0n, 4n)));
}

const ggml = await openGgmlBackend();
const backends: Record<string, Backend> = {
  "ggml, one thread": ggml,
  "ggml, two threads": await openGgmlBackend({ threads: 2 }),
  "ggml without generated code": await openGgmlBackend({ jit: false }),
};
afterAll(() => {
  for (const backend of Object.values(backends)) backend.close();
});

/** f32 rounds to 6e-8 of the largest terms in a sum. */
const TOLERANCE = 2e-6;

describe.each(Object.keys(CASES) as OpName[])("%s", (name) => {
  const make = makeLeaves(1);
  const results = CASES[name](make);
  const weights = results.map((r) =>
    Float32Array.from({ length: elementCount(r.shape) }, () => make.uniform()),
  );
  const trained = results.map((r, i) => [r, weights[i]!] as const).filter(([r]) => r.needsGradient);

  test.each(Object.keys(backends))("values on %s", async (backend) => {
    const expected = await evaluate(openReferenceBackend(), make.values, [results]);
    const actual = await evaluate(backends[backend]!, make.values, [results]);
    for (const [i, values] of actual.entries())
      expect(differenceOf(values, expected[i]!)).toBeLessThan(TOLERANCE);
  });

  if (trained.length === 0) return;

  test("gradients of the reference are finite differences", async () => {
    for (const [result, c] of trained) {
      for (const [parameter, g] of await gradientsOn(openReferenceBackend(), make.values, result, c))
        for (const index of new Set([0, g.length >> 1, g.length - 1])) {
          const slope = await finiteDifference(make.values, result, c, alongOne(parameter, index));
          expect(g[index]).toBeCloseTo(slope, 5);
        }
    }
  });

  test("gradients on ggml", async () => {
    for (const [result, c] of trained) {
      const expected = await gradientsOn(openReferenceBackend(), make.values, result, c);
      const actual = await gradientsOn(ggml, make.values, result, c);
      expect(actual.size).toBeGreaterThan(0);
      for (const [parameter, g] of actual)
        expect(differenceOf(g, expected.get(parameter)!)).toBeLessThan(TOLERANCE);
    }
  });
});
