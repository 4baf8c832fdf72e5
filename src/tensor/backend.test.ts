/** What every backend promises beside values: phases, updates in place, errors. */
import { afterAll, describe, expect, test } from "vitest";
import type { Backend, Program } from "./backend.ts";
import { backward } from "./backward.ts";
import { openGgmlBackend } from "./ggml/backend.ts";
import * as op from "./ops.ts";
import { openReferenceBackend } from "./reference/backend.ts";
import { differenceOf, evaluate } from "./reference/check-gradients.ts";
import { makeLeaves } from "./reference/leaf-maker.ts";
import type { Tensor } from "./tensor.ts";

const opened = {
  one: await openGgmlBackend(),
  two: await openGgmlBackend({ threads: 2 }),
  plain: await openGgmlBackend({ jit: false }),
};
afterAll(() => {
  for (const backend of Object.values(opened)) backend.close();
});

const backends: [string, () => Backend][] = [
  ["reference", openReferenceBackend],
  ["ggml, one thread", () => opened.one],
  ["ggml, two threads", () => opened.two],
  ["ggml without generated code", () => opened.plain],
];

function causal(tokens: number): Float32Array {
  return Float32Array.from({ length: tokens ** 2 }, (_, i) =>
    i % tokens <= Math.floor(i / tokens) ? 0 : -Infinity,
  );
}

describe.each(backends)("phases on %s", (_, backend) => {
  /** Phase 0: a reshaped result that phase 1 reads too. Phase 1: a gradient for which `weights` come in between. */
  function twoPhases(): { on: Backend; weights: Tensor; result: Tensor; gradient: Tensor; program: Program } {
    const { parameter, given, values } = makeLeaves(7);
    const y = op.softmax(op.silu(parameter(4, 4)), given(causal(4), 4, 4), 1);
    const result = op.reshape(y, 2, 8);
    const on = backend();
    const weights = op.leaf("weights", result.shape);
    const gradient = [...backward(new Map([[op.silu(result), weights]])).values()][0]!;
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
    const doubled = once.map((g) => 2 * g);
    expect(differenceOf(await run(2), doubled)).toBeLessThan(5e-6);
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

describe.each(backends)("programs on %s", (_, backend) => {
  test("may be run at the same time", async () => {
    const on = backend();
    const programs = [20, 31, 42, 53].map((size) => {
      const { parameter, indices, given, values } = makeLeaves(size);
      const labels = indices(size, size);
      const flat = Array.from(values.get(labels) as Int32Array, (row, i) => BigInt(i * size + row));
      const logits = op.silu(op.matmul(parameter(size, size), parameter(size, size)));
      const result = op.labelLogprob(logits, labels, given(BigInt64Array.from(flat)));
      on.allocate([...values.keys()]);
      for (const [tensor, value] of values) on.write(tensor, value);
      const program = on.compile([[result]]);
      return { program, read: () => [...program.read(result)] };
    });
    const alone: number[][] = [];
    for (const { program, read } of programs) {
      await program.run(0);
      alone.push(read());
    }
    for (let round = 0; round < 50; round++) {
      await Promise.all(programs.map(({ program }) => program.run(0)));
      expect(programs.map(({ read }) => read())).toEqual(alone);
    }
    for (const { program } of programs) program.close();
    // Threads of ggml spin at every tensor: beside other work each of the 200 runs may wait for the scheduler several times.
  }, 180_000);
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
    const expectedP = Float32Array.from(plain, (s) => s.x);
    expect(differenceOf(on.read(p!), expectedP)).toBeLessThan(1e-6);
    const expectedM = Float32Array.from(plain, (s) => s.m);
    expect(differenceOf(on.read(m!), expectedM)).toBeLessThan(1e-6);
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
