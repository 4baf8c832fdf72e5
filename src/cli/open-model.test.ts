import { expect, test } from "vitest";
import { describeLoaded } from "./open-model.ts";

const loaded = {
  name: "vikhr-8b",
  contextSize: 32_768,
  trained: 131_072,
  isAsked: false,
  available: 23.6e9,
  kvType: "f16",
  memory: 9.29e9,
  threads: 8,
  gpuProblem: undefined,
  gpuLayers: 0,
  layers: 33,
} as const;

test("what was chosen for a model, and why", () => {
  expect(describeLoaded(loaded)).toBe(
    "vikhr-8b: a context of 32,768 tokens in f16 (trained for 131,072; 23.6 GB are free), 9.29 GB of memory, CPU with up to 8 threads",
  );
  const asked = { ...loaded, contextSize: 100, isAsked: true, threads: 1, kvType: "q4_0" } as const;
  expect(describeLoaded(asked)).toMatch(
    / 100 tokens in q4_0 \(trained for 131,072; as asked\), .*, CPU with 1 thread$/,
  );
  const all = { ...loaded, contextSize: 131_072, gpuLayers: 33 };
  expect(describeLoaded(all)).toMatch(/ 131,072 tokens in f16 \(all that it was trained for\), .*, GPU$/);
  expect(describeLoaded({ ...loaded, gpuLayers: 20 })).toMatch(
    /, GPU for 20 of 33 layers, else CPU with up to 8 threads$/,
  );
});
