import { expect, test } from "vitest";
import { InputError } from "../../errors.ts";
import { chooseContextSize, estimateMemory } from "./memory.ts";

const GIB = 2 ** 30;
/** Llama 3.1 8B in 4 bits. */
const llama8b = {
  path: "8b.gguf",
  weightBytes: 4.6 * GIB,
  headCountKv: Array.from({ length: 32 }, () => 8),
  keyLength: 128,
  valueLength: 128,
  embeddingLength: 4096,
  feedForwardLength: 14_336,
  contextLength: 131_072,
  tokens: Array.from({ length: 128_256 }, () => ""),
};

test("an 8B at 8k and 32k, as measured: 1.26 and 4.26 GiB beside the weights", () => {
  for (const [contextSize, measured] of [
    [8192, 1.26],
    [32_768, 4.26],
  ] as const) {
    const { kvCache, compute, weights, total } = estimateMemory(llama8b, { contextSize, batchSize: 512 });
    expect((kvCache + compute) / GIB).toBeCloseTo(measured, 1);
    expect(total).toBe(weights + kvCache + compute);
  }
});

test("131,072 tokens in q8_0 and q4_0, as measured: 8.77 and 4.77 GiB", () => {
  for (const [kvType, measured] of [
    ["f16", 16.26],
    ["q8_0", 8.77],
    ["q4_0", 4.77],
  ] as const) {
    const options = { contextSize: 131_072, batchSize: 512, kvType };
    const { kvCache, compute } = estimateMemory(llama8b, options);
    expect(Math.abs((kvCache + compute) / GIB / measured - 1)).toBeLessThan(0.05);
  }
});

test("a wide window is not chosen unasked, and shrinks where memory is short", () => {
  const choose = (available: number, contextSize?: number) =>
    chooseContextSize(llama8b, { contextSize, batchSize: 64, available });
  expect(choose(64 * GIB)).toBe(16_384);
  expect(choose(5.4 * GIB)).toBe(4096);
  expect(choose(64 * GIB, 131_072)).toBe(131_072);
  expect(
    chooseContextSize(
      { ...llama8b, contextLength: 1000 },
      { contextSize: undefined, batchSize: 64, available: 64 * GIB },
    ),
  ).toBe(1000);
});

test("what cannot fit is refused with the numbers", () => {
  const choose = (available: number, contextSize?: number) => () =>
    chooseContextSize(llama8b, { contextSize, batchSize: 64, available });
  expect(choose(4 * GIB)).toThrow(InputError);
  expect(choose(4 * GIB)).toThrow(
    /8b.gguf needs 4.\d\d GiB of memory \(4.60 GiB weights, 64.0 MiB for a context of 512 tokens, [\d.]+ MiB buffers\) and 4.00 GiB are free/,
  );
  expect(choose(12 * GIB, 131_072)).toThrow(/use a smaller model or context/);
  for (const wrong of [1, 1.5, Number.NaN, 131_073])
    expect(choose(64 * GIB, wrong)).toThrow(/trained for 2 to 131072 tokens/);
});
