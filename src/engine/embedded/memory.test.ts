import { describe, expect, test } from "vitest";
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

describe("a context that nobody asked for", () => {
  const choose = (
    available: number,
    options: { near?: number; contextLength?: number; kvType?: "q8_0" } = {},
  ) => {
    const { contextLength = 131_072, ...where } = options;
    return chooseContextSize(
      { ...llama8b, contextLength },
      { contextSize: undefined, batchSize: 64, available, ...where },
    );
  };
  const total = (contextSize: number) => estimateMemory(llama8b, { contextSize, batchSize: 64 }).total;

  test("grows with what is free, and is no trap: a laptop of 16 GB, a machine of 24, one of 64", () => {
    expect(choose(12 * GIB)).toBe(16_384);
    expect(choose(22 * GIB)).toBe(32_768);
    expect(choose(60 * GIB)).toBe(131_072);
    expect(choose(22 * GIB, { kvType: "q8_0" })).toBe(65_536);
  });

  test("what is left of two steps over six documents shrinks only where the memory holds no more", () => {
    expect(choose(7 * GIB)).toBe(16_384);
    expect(choose(5.4 * GIB)).toBe(4096);
    for (const contextLength of [20_000, 40_960, 131_072])
      expect(choose(8 * GIB, { contextLength })).toBe(16_384);
    for (const contextLength of [300, 1000, 16_000])
      expect(choose(64 * GIB, { contextLength })).toBe(contextLength);
  });

  test("takes at most half, or the usual size; the next larger one would take more", () => {
    for (let available = 6.5 * GIB; available < 100 * GIB; available *= 1.1) {
      const chosen = choose(available);
      expect(131_072 % chosen).toBe(0);
      if (chosen > 16_384) expect(total(chosen)).toBeLessThanOrEqual(available / 2);
      if (chosen < 131_072) expect(total(2 * chosen)).toBeGreaterThan(available / 2);
    }
  });

  test("is measured by the GPU's memory where the model runs there, and never wider than 131,072", () => {
    expect(choose(80 * GIB, { near: 12 * GIB })).toBe(16_384);
    expect(choose(80 * GIB, { near: 24 * GIB })).toBe(32_768);
    expect(choose(4000 * GIB, { contextLength: 2 ** 30 })).toBe(131_072);
  });
});

test("what was asked for is taken where it fits, whatever share that is", () => {
  const choose = (available: number, contextSize: number) =>
    chooseContextSize(llama8b, { contextSize, batchSize: 64, available });
  expect(choose(22 * GIB, 131_072)).toBe(131_072);
  expect(choose(22 * GIB, 100)).toBe(100);
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
