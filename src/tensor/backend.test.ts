/** What holds for whole graphs on every backend: sharing, phases, checkpoints, accumulation, updates in place. */
import { afterAll, describe, expect, test } from "vitest";
import type { Backend, HostArray, Program } from "./backend.ts";
import { backward } from "./backward.ts";
import { openGgmlBackend } from "./ggml/backend.ts";
import * as op from "./ops.ts";
import { openReferenceBackend } from "./reference/backend.ts";
import { evaluate, finiteDifference, gradientsOn } from "./reference/check-gradients.ts";
import { type LeafMaker, makeLeaves } from "./reference/leaf-maker.ts";
import { elementCount, type Tensor } from "./tensor.ts";

const opened = { one: await openGgmlBackend(), two: await openGgmlBackend({ threads: 2 }) };
afterAll(() => {
  for (const backend of Object.values(opened)) backend.close();
});

const backends: [string, () => Backend][] = [
  ["reference", openReferenceBackend],
  ["ggml, one thread", () => opened.one],
  ["ggml, two threads", () => opened.two],
];

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

function expectClose(actual: Float32Array, expected: Float32Array, tolerance = 5e-6): void {
  const scale = Math.max(1, ...expected.map(Math.abs));
  const worst = Math.max(...actual.map((x, i) => Math.abs(x - expected[i]!)));
  expect(worst / scale, `${actual.slice(0, 8)} against ${expected.slice(0, 8)}`).toBeLessThan(tolerance);
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

  test.each(backends.slice(1))("%s agrees with the reference", async (_, backend) => {
    const expected = await gradientsOn(openReferenceBackend(), values, result, weights);
    const actual = await gradientsOn(backend(), values, result, weights);
    expect([...actual.keys()]).toEqual([...expected.keys()]);
    for (const [parameter, g] of actual) expectClose(g, expected.get(parameter)!);
  });
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
      opened.one.allocate([...values.keys()]);
      const program = opened.one.compile([[result], [...backward(result, result).values()]]);
      program.close();
      return program.memoryBytes;
    };
    expect(bytes(op.checkpoint)).toBeLessThan(bytes() / 2);
  });
});

describe.each(backends)("phases on %s", (_, backend) => {
  /** Phase 0: a reshaped result that phase 1 reads too. Phase 1: a gradient for which `weights` come in between. */
  function twoPhases(): { on: Backend; weights: Tensor; result: Tensor; gradient: Tensor; program: Program } {
    const { values, result } = problem(({ parameter, given }) => {
      const x = parameter(4, 4);
      return op.reshape(op.softmax(op.silu(x), given(causal(4), 4, 4), 1), 2, 8);
    });
    const on = backend();
    const weights = op.leaf("weights", result.shape);
    const gradient = [...backward(op.silu(result), weights).values()][0]!;
    on.allocate([...values.keys(), weights]);
    for (const [tensor, data] of values) on.write(tensor, data);
    return { on, weights, result, gradient, program: on.compile([[result], [gradient]]) };
  }

  test("a phase sees the values of those before it, and leaves written in between", async () => {
    const { on, weights, gradient, program } = twoPhases();
    const run = async (c: number) => {
      await program.run(0);
      on.write(
        weights,
        Float32Array.from({ length: 16 }, (_, i) => (c * i) / 8),
      );
      await program.run(1);
      return program.read(gradient);
    };
    const once = await run(1);
    expect(Math.max(...once.map(Math.abs))).toBeGreaterThan(0.01);
    expectClose(
      await run(2),
      once.map((g) => 2 * g),
    );
    expect(await run(1)).toEqual(once);
    program.close();
  });

  test("the backward pass changes neither its incoming gradient nor the results of phase 0", async () => {
    const { on, weights, result, program } = twoPhases();
    const incoming = Float32Array.from({ length: 16 }, (_, i) => i / 8);
    on.write(weights, incoming);
    await program.run(0);
    const before = program.read(result);
    await program.run(1);
    expect(program.read(result)).toEqual(before);
    expect(on.read(weights)).toEqual(incoming);
    program.close();
  });

  test("a result keeps its values while later phases use the memory of others", async () => {
    const on = backend();
    const { parameter, values } = makeLeaves(1);
    const [x, w] = [parameter(4, 4), parameter(4, 4)];
    on.allocate([x, w]);
    for (const [tensor, data] of values) on.write(tensor, data);
    const result = op.reshape(op.silu(x), 2, 8);
    const program = on.compile([[result], [op.matmul(w, op.matmul(w, op.reshape(op.silu(result), 4, 4)))]]);
    await program.run(0);
    const before = program.read(result);
    await program.run(1);
    expect(program.read(result)).toEqual(before);
    program.close();
  });

  test("a phase runs only after the one before it: its inputs may be gone by then", async () => {
    const { program } = twoPhases();
    await expect(program.run(1)).rejects.toThrow("phase");
    await program.run(0);
    await program.run(1);
    await expect(program.run(1)).rejects.toThrow("phase");
    program.close();
  });
});

describe.each(backends)("updates on %s", (_, backend) => {
  test("accumulate adds up over runs, until zeroed", async () => {
    const on = backend();
    const [sum, x] = [op.leaf("sum", [3]), op.leaf("x", [3])];
    on.allocate([sum, x]);
    const program = on.compile([[op.accumulate(sum, op.scale(x, 2))]]);
    for (const value of [1, 10]) {
      on.write(x, new Float32Array(3).fill(value));
      await program.run(0);
    }
    expect([...on.read(sum)]).toEqual([22, 22, 22]);
    on.zero([sum]);
    expect([...on.read(sum)]).toEqual([0, 0, 0]);
    program.close();
  });

  test("two accumulations into one leaf in one run both count", async () => {
    const make = makeLeaves(1);
    const [sum, x] = [make.given(Float32Array.of(1, 1)), make.given(Float32Array.of(2, 3))];
    const twice = op.accumulate(op.accumulate(sum, x), op.silu(op.scale(x, 0)));
    const [result] = await evaluate(backend(), make.values, [[twice]]);
    expect([...result!]).toEqual([3, 4]);
  });

  test("adamw follows the paper for several steps", async () => {
    const on = backend();
    const [rate, beta1, beta2, epsilon, decay, clip] = [0.05, 0.9, 0.98, 1e-8, 0.1, 0.5];
    const [p, g, m, v] = ["p", "g", "m", "v"].map((name) => op.leaf(name, [4]));
    const settings = op.leaf("settings", [7]);
    const factor = op.leaf("factor", [1]);
    on.allocate([p!, g!, m!, v!, settings, factor]);
    const start = [1, -2, 0.5, 0];
    on.write(p!, Float32Array.from(start));
    on.write(factor, Float32Array.of(clip));
    const program = on.compile([[op.adamw(p!, g!, m!, v!, settings, factor)]]);
    const plain = start.map((x) => ({ x, m: 0, v: 0 }));
    for (let t = 1; t <= 5; t++) {
      const gradient = start.map((_, i) => Math.sin(i + t));
      on.write(g!, Float32Array.from(gradient));
      const corrections = [1 / (1 - beta1 ** t), 1 / (1 - beta2 ** t)];
      on.write(settings, Float32Array.of(rate, beta1, beta2, epsilon, decay, ...corrections));
      await program.run(0);
      for (const [i, s] of plain.entries()) {
        s.m = beta1 * s.m + (1 - beta1) * clip * gradient[i]!;
        s.v = beta2 * s.v + (1 - beta2) * (clip * gradient[i]!) ** 2;
        const [mHat, vHat] = [s.m / (1 - beta1 ** t), s.v / (1 - beta2 ** t)];
        s.x -= rate * (mHat / (Math.sqrt(vHat) + epsilon) + decay * s.x);
      }
    }
    expectClose(
      on.read(p!),
      Float32Array.from(plain, (s) => s.x),
      1e-6,
    );
    expectClose(
      on.read(m!),
      Float32Array.from(plain, (s) => s.m),
      1e-6,
    );
    program.close();
  });
});

describe.each(backends)("misuse of %s", (_, backend) => {
  test("a leaf of another backend, or too few numbers, is an error", () => {
    const on = backend();
    const x = op.leaf("x", [3]);
    expect(() => on.write(x, new Float32Array(3))).toThrow("not a leaf");
    on.allocate([x]);
    expect(() => on.write(x, new Float32Array(2))).toThrow("2 values");
    expect(() => on.write(x, new Int32Array(3))).toThrow("f32");
  });
});
