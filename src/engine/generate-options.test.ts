import { expect, test } from "vitest";
import { InputError } from "../errors.ts";
import type { GenerateOptions } from "../spec/language-model.ts";
import { MAX_SEED, resolveGenerateOptions } from "./generate-options.ts";

test("defaults are those of spec", () => {
  expect(resolveGenerateOptions()).toMatchObject({
    maxTokens: undefined,
    temperature: 0.3,
    topP: 1,
    topK: 0,
    minP: 0,
    repeatPenalty: 1,
    stop: [],
    topLogprobs: undefined,
  });
});

test("seeds are drawn anew", () => {
  const seeds = new Set(Array.from({ length: 50 }, () => resolveGenerateOptions().seed));
  expect(seeds.size).toBeGreaterThan(45);
});

test.each<[string, GenerateOptions]>([
  ["maxTokens", { maxTokens: 0 }],
  ["maxTokens", { maxTokens: 1.5 }],
  ["temperature", { temperature: Number.NaN }],
  ["temperature", { temperature: -1 }],
  ["topP", { topP: 0 }],
  ["topP", { topP: 1.1 }],
  ["topK", { topK: -1 }],
  ["minP", { minP: 1 }],
  ["repeatPenalty", { repeatPenalty: 0 }],
  ["seed", { seed: MAX_SEED + 1 }],
  ["topLogprobs", { topLogprobs: 21 }],
  ["stop string", { stop: ["a", ""] }],
  ["grammar", { grammar: "(".repeat(2000) }],
  ["grammar", { grammar: " ".repeat(70_000) }],
])("%s out of range is named: %o", (name, options) => {
  expect(() => resolveGenerateOptions(options)).toThrow(InputError);
  expect(() => resolveGenerateOptions(options)).toThrow(name);
});
