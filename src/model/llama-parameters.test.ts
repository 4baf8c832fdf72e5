import { expect, test } from "vitest";
import type { LlamaConfig } from "./llama-config.ts";
import { initialValues, llamaParameters, parameterCount, parameterName } from "./llama-parameters.ts";

const config: LlamaConfig = {
  vocabularySize: 100,
  width: 64,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headSize: 16,
  feedForward: 96,
  ropeBase: 10_000,
  rmsEpsilon: 1e-5,
  contextLength: 128,
  tied: true,
};
const parameters = llamaParameters(config);

const deviation = (values: Float32Array) =>
  Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);

test("names and shapes are llama.cpp's", () => {
  const shapes = Object.fromEntries(parameters.all.map((p) => [parameterName(p), p.shape.slice(0, 2)]));
  expect(shapes).toMatchObject({
    "token_embd.weight": [64, 100],
    "blk.0.attn_q.weight": [64, 64],
    "blk.1.attn_k.weight": [64, 32],
    "blk.1.ffn_down.weight": [96, 64],
    "output_norm.weight": [64, 1],
  });
  expect(parameters.all).toHaveLength(2 + 2 * 9);
  expect(parameters.output).toBe(parameters.tokenEmbedding);
  expect(llamaParameters({ ...config, tied: false }).all).toHaveLength(3 + 2 * 9);
  const layer = 64 * 64 * 2 + 64 * 32 * 2 + 3 * 64 * 96 + 2 * 64;
  expect(parameterCount(parameters)).toBe(6400 + 64 + 2 * layer);
});

test("fresh values follow from the seed alone", () => {
  const bytes = (seed: number) =>
    Buffer.concat([...initialValues(config, parameters, seed).values()].map((v) => new Uint8Array(v.buffer)));
  expect(bytes(3).equals(bytes(3))).toBe(true);
  expect(bytes(3).equals(bytes(4))).toBe(false);
});

test("fresh values have the deviations that keep the residual stream in bounds, keys resemble queries", () => {
  const values = initialValues(config, parameters, 1);
  const layer = parameters.layers[0]!;
  const [q, k] = [values.get(layer.attnQ)!, values.get(layer.attnK)!];
  expect(deviation(values.get(parameters.tokenEmbedding)!)).toBeCloseTo(0.5 / 8, 2);
  expect(deviation(q)).toBeCloseTo(1 / 8, 2);
  expect(deviation(k)).toBeCloseTo(1 / 8, 2);
  expect(deviation(values.get(layer.ffnDown)!)).toBeCloseTo(1 / Math.sqrt(96) / 2, 2);
  expect(new Set(values.get(layer.attnNorm))).toEqual(new Set([1]));
  // Key head h goes with query head 2 h.
  const head = 16 * 64;
  const along = (h: number, other: number) =>
    k.subarray(h * head, (h + 1) * head).reduce((sum, x, i) => sum + x * q[other * head + i]!, 0) /
    (head / 64);
  expect([along(0, 0), along(1, 2), along(0, 1), along(1, 1)]).toEqual(
    [0.5, 0.5, 0, 0].map((c) => expect.closeTo(c, 0)),
  );
});
