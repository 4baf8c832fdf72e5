/** Gradients of whole graphs on every backend: sharing, grouped heads, checkpoints. */
import { afterAll, describe, expect, test } from "vitest";
import type { HostArray } from "./backend.ts";
import { backward } from "./backward.ts";
import { openGgmlBackend } from "./ggml/backend.ts";
import * as op from "./ops.ts";
import { openReferenceBackend } from "./reference/backend.ts";
import { differenceOf, finiteDifference, gradientsOn } from "./reference/check-gradients.ts";
import { type LeafMaker, makeLeaves } from "./reference/leaf-maker.ts";
import { elementCount, type Tensor } from "./tensor.ts";

const ggml = await openGgmlBackend();
const twoThreads = await openGgmlBackend({ threads: 2 });
const plain = await openGgmlBackend({ jit: false });
afterAll(() => {
  ggml.close();
  twoThreads.close();
  plain.close();
});

interface Problem {
  values: Map<Tensor, HostArray>;
  result: Tensor;
  /** Of the results in the objective. */
  weights: Float32Array;
}

function problem(build: (make: LeafMaker) => Tensor): Problem {
  const make = makeLeaves(7);
  const result = build(make);
  const weights = Float32Array.from({ length: elementCount(result.shape) }, () => make.uniform());
  return { values: make.values, result, weights };
}

function causal(tokens: number): Float32Array {
  return Float32Array.from({ length: tokens ** 2 }, (_, i) =>
    i % tokens <= Math.floor(i / tokens) ? 0 : -Infinity,
  );
}

const TOLERANCE = 5e-6;
const LENGTH = 5;
const HEAD = 4;
const KV_HEADS = 2;
const GROUP = 2;
const WIDTH = HEAD * KV_HEADS * GROUP;
const VOCABULARY = 11;
const TOKENS = 2 * LENGTH;

/** Two layers of attention and feed-forward over a batch of two, with the log-probability of labels on top. */
function transformer(make: LeafMaker, wrap = (f: (x: Tensor) => Tensor, x: Tensor) => f(x)): Tensor {
  const { parameter, indices, given } = make;
  const table = parameter(WIDTH, VOCABULARY);
  const positions = given(Int32Array.from({ length: TOKENS }, (_, i) => i % LENGTH));
  const mask = given(Float32Array.from([...causal(LENGTH), ...causal(LENGTH)]), LENGTH, LENGTH, 1, 2);
  const heads = (x: Tensor, count: number) => op.permute(op.reshape(x, HEAD, count, LENGTH, 2), [0, 2, 1, 3]);
  const turn = (x: Tensor, count: number) =>
    op.rope(op.reshape(x, HEAD, count, TOKENS), positions, { dimensions: HEAD, base: 100 });
  const layer = (): ((x: Tensor) => Tensor) => {
    const [gain, q, o, gate] = [
      parameter(WIDTH),
      parameter(WIDTH, WIDTH),
      parameter(WIDTH, WIDTH),
      parameter(WIDTH, 12),
    ];
    const [k, v] = [parameter(WIDTH, HEAD * KV_HEADS), parameter(WIDTH, HEAD * KV_HEADS)];
    const [up, down] = [parameter(WIDTH, 12), parameter(12, WIDTH)];
    return (x) => {
      const n = op.mul(op.rmsNorm(x, 1e-5), gain);
      const queries = heads(turn(op.matmul(q, n), KV_HEADS * GROUP), KV_HEADS * GROUP);
      const keys = heads(turn(op.matmul(k, n), KV_HEADS), KV_HEADS);
      const values = op.permute(op.reshape(op.matmul(v, n), HEAD, KV_HEADS, LENGTH, 2), [1, 2, 0, 3]);
      const scores = op.matmul(keys, op.reshape(queries, HEAD, LENGTH * GROUP, KV_HEADS, 2));
      const square = [LENGTH, LENGTH, KV_HEADS * GROUP, 2] as const;
      const attention = op.softmax(op.reshape(scores, ...square), mask, 0.5);
      const mixed = op.matmul(values, op.reshape(attention, LENGTH, LENGTH * GROUP, KV_HEADS, 2));
      const joined = op.permute(op.reshape(mixed, HEAD, LENGTH, KV_HEADS * GROUP, 2), [0, 2, 1, 3]);
      const y = op.add(x, op.matmul(o, op.reshape(joined, WIDTH, TOKENS)));
      const h = op.rmsNorm(y, 1e-5);
      return op.add(y, op.matmul(down, op.swiglu(op.matmul(gate, h), op.matmul(up, h))));
    };
  };
  const [first, second] = [layer(), layer()];
  const x = wrap(second, wrap(first, op.rows(table, indices(TOKENS, VOCABULARY))));
  const labels = indices(TOKENS, VOCABULARY);
  const flat = Array.from(make.values.get(labels) as Int32Array, (row, i) => BigInt(i * VOCABULARY + row));
  return op.labelLogprob(op.matmul(table, x), labels, given(BigInt64Array.from(flat)));
}

const GRAPHS: Record<string, (make: LeafMaker) => Tensor> = {
  "a transformer of two layers": (make) => transformer(make),
  "a transformer with checkpoints": (make) => transformer(make, op.checkpoint),
  "a checkpoint in a checkpoint": (make) =>
    op.checkpoint((x) => op.silu(transformerBlock(make, op.silu(x))), op.silu(make.parameter(4, 3))),
  "one tensor used four times": ({ parameter }) => {
    const x = parameter(4, 4);
    const y = op.silu(x);
    return op.add(op.matmul(y, y), op.mul(y, op.transpose(y)));
  },
  "two softmaxes that share their gradient": ({ parameter, given }) => {
    const mask = given(causal(4), 4, 4);
    return op.add(op.softmax(parameter(4, 4), mask, 1), op.softmax(parameter(4, 4), mask, 2));
  },
  "a softmax whose gradient is used again afterwards": ({ parameter, given }) => {
    const x = op.silu(parameter(4, 4));
    const y = op.softmax(x, given(causal(4), 4, 4), 1);
    return op.silu(op.add(op.reshape(op.add(op.reshape(y, 2, 8), op.reshape(x, 2, 8)), 4, 4), x));
  },
};

function transformerBlock({ parameter }: LeafMaker, x: Tensor): Tensor {
  const w = parameter(4, 4);
  return op.checkpoint((y) => op.add(y, op.silu(op.matmul(w, y))), x);
}

describe.each(Object.keys(GRAPHS))("%s", (name) => {
  const { values, result, weights } = problem(GRAPHS[name]!);

  test("the reference's gradient is the slope along random directions", async () => {
    const gradients = await gradientsOn(openReferenceBackend(), values, result, weights);
    const { uniform } = makeLeaves(3);
    for (let i = 0; i < 3; i++) {
      const direction = new Map(
        [...gradients].map(([tensor, g]) => [tensor, Float64Array.from(g, () => uniform())]),
      );
      let expected = 0;
      for (const [tensor, g] of gradients)
        for (const [j, u] of direction.get(tensor)!.entries()) expected += g[j]! * u;
      const slope = await finiteDifference(values, result, weights, direction);
      expect(Math.abs(slope - expected)).toBeLessThan(1e-6 * Math.max(1, Math.abs(slope)));
    }
  });

  test.each([
    ["ggml", ggml],
    ["ggml without generated code", plain],
  ])("%s agrees with the reference", async (_, backend) => {
    const expected = await gradientsOn(openReferenceBackend(), values, result, weights);
    const actual = await gradientsOn(backend, values, result, weights);
    expect([...actual.keys()]).toEqual([...expected.keys()]);
    for (const [parameter, g] of actual)
      expect(differenceOf(g, expected.get(parameter)!)).toBeLessThan(TOLERANCE);
  });
});

test("two threads compute the gradients that one computes", async () => {
  const { values, result, weights } = problem((make) => transformer(make));
  const expected = await gradientsOn(ggml, values, result, weights);
  const actual = await gradientsOn(twoThreads, values, result, weights);
  for (const [parameter, g] of actual)
    expect(differenceOf(g, expected.get(parameter)!)).toBeLessThan(TOLERANCE);
});

describe("checkpoints", () => {
  test("the gradients are the same numbers as without", async () => {
    const plain = problem((make) => transformer(make));
    const saving = problem((make) => transformer(make, op.checkpoint));
    const a = await gradientsOn(openReferenceBackend(), plain.values, plain.result, plain.weights);
    const b = await gradientsOn(openReferenceBackend(), saving.values, saving.result, saving.weights);
    expect(new Set([...b.values()].map(String))).toEqual(new Set([...a.values()].map(String)));
  });

  test("they need less memory", () => {
    const bytes = (wrap?: typeof op.checkpoint) => {
      const { values, result } = problem(({ parameter }) => {
        let x: Tensor = parameter(64, 64);
        const layer = (y: Tensor) => op.silu(op.silu(op.silu(op.silu(y))));
        for (let i = 0; i < 8; i++) x = wrap ? wrap(layer, x) : layer(x);
        return x;
      });
      ggml.allocate([...values.keys()]);
      const program = ggml.compile([[result], [...backward(new Map([[result, result]])).values()]]);
      program.close();
      return program.memoryBytes;
    };
    expect(bytes(op.checkpoint)).toBeLessThan(bytes() / 2);
  });
});
