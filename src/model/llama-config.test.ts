import { describe, expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { f32, type GgufValue, string, u32 } from "../gguf/metadata.ts";
import type { GgufFile } from "../gguf/read-gguf.ts";
import { type LlamaConfig, llamaMetadata, readLlamaConfig } from "./llama-config.ts";

const config: LlamaConfig = {
  vocabularySize: 50,
  width: 48,
  layers: 3,
  heads: 6,
  kvHeads: 2,
  headSize: 16,
  feedForward: 80,
  ropeBase: 500_000,
  rmsEpsilon: 1e-6,
  contextLength: 2048,
  tied: true,
};

function file(changes: Record<string, GgufValue | undefined> = {}, names: string[] = []): GgufFile {
  const metadata = llamaMetadata(config);
  for (const [key, value] of Object.entries(changes))
    if (value) metadata.set(key, value);
    else metadata.delete(key);
  const tensors = ["token_embd.weight", ...names].map((name) => ({
    name,
    shape: [48, 50],
    type: "F32" as const,
    offset: 0,
    byteLength: 9600,
  }));
  return { path: "a.gguf", version: 3, metadata, tensors, dataOffset: 0 };
}

test("metadata and back", () => {
  expect(readLlamaConfig(file())).toEqual({ ...config, rmsEpsilon: config.rmsEpsilon });
  expect(readLlamaConfig(file({}, ["output.weight"]))).toMatchObject({ tied: false });
});

test("what files leave out has llama.cpp's defaults", () => {
  const bare = file({
    "llama.vocab_size": undefined,
    "llama.attention.head_count_kv": undefined,
    "llama.attention.key_length": undefined,
    "llama.attention.value_length": undefined,
    "llama.rope.dimension_count": undefined,
    "llama.rope.freq_base": undefined,
  });
  expect(readLlamaConfig(bare)).toMatchObject({
    vocabularySize: 50,
    kvHeads: 6,
    headSize: 8,
    ropeBase: 10_000,
  });
});

describe("one line for", () => {
  test.each<[string, Record<string, GgufValue | undefined>, string[], RegExp]>([
    ["another architecture", { "general.architecture": string("gemma2") }, [], /gemma2.*llama only/],
    ["scaled RoPE by a tensor", {}, ["rope_freqs.weight"], /RoPE/],
    ["scaled RoPE by a key", { "llama.rope.scaling.type": string("yarn") }, [], /RoPE/],
    ["rotation of a part of the head", { "llama.rope.dimension_count": u32(8) }, [], /dimension_count/],
    ["values of another size", { "llama.attention.value_length": u32(8) }, [], /value_length/],
    ["a key that is missing", { "llama.block_count": undefined }, [], /block_count/],
    ["no heads", { "llama.attention.head_count": u32(0) }, [], /head_count is 0/],
    ["absurdly many layers", { "llama.block_count": u32(4_000_000_000) }, [], /block_count/],
    ["a size that is no whole number", { "llama.embedding_length": f32(2.5) }, [], /embedding_length/],
    ["heads that do not divide", { "llama.attention.head_count_kv": u32(4) }, [], /heads/],
  ])("%s", (_, changes, names, wanted) => {
    expect(() => readLlamaConfig(file(changes, names))).toThrow(InputError);
    expect(() => readLlamaConfig(file(changes, names))).toThrow(wanted);
  });
});
