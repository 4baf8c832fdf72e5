import { describe, expect, test } from "vitest";
import { InputError } from "../../errors.ts";
import { f32, type GgufMetadata, type GgufValue, i32s, string, strings, u32 } from "../../gguf/metadata.ts";
import type { GgufFile } from "../../gguf/read-gguf.ts";
import { spellBytes } from "../../tokenizer/byte-alphabet.ts";
import { readModelHeader } from "./model-header.ts";

const tokens = [...Array.from({ length: 256 }, (_, byte) => spellBytes(Uint8Array.of(byte))), "<|eot_id|>"];

function file(changes: Record<string, GgufValue | undefined> = {}, rows = tokens.length): GgufFile {
  const metadata = new Map<string, GgufValue>([
    ["general.architecture", string("llama")],
    ["llama.block_count", u32(2)],
    ["llama.context_length", u32(512)],
    ["llama.embedding_length", u32(64)],
    ["llama.feed_forward_length", u32(128)],
    ["llama.attention.head_count", u32(4)],
    ["llama.attention.head_count_kv", u32(2)],
    ["llama.attention.layer_norm_rms_epsilon", f32(1e-5)],
    ["tokenizer.ggml.model", string("gpt2")],
    ["tokenizer.ggml.tokens", strings(tokens)],
    ["tokenizer.ggml.eos_token_id", u32(256)],
  ]);
  for (const [key, value] of Object.entries(changes)) {
    if (value) metadata.set(key, value);
    else metadata.delete(key);
  }
  const embedding = {
    name: "token_embd.weight",
    shape: [64, rows],
    type: "F32" as const,
    offset: 0,
    byteLength: 256 * rows,
  };
  return {
    path: "x.gguf",
    version: 3,
    metadata: metadata as GgufMetadata,
    tensors: [embedding],
    dataOffset: 0,
  };
}

test("facts, per block where the file has them so", () => {
  expect(readModelHeader(file())).toMatchObject({
    architecture: "llama",
    contextLength: 512,
    headCountKv: [2, 2],
    keyLength: 16,
    valueLength: 16,
    feedForwardLength: 128,
    eosToken: "<|eot_id|>",
    bosToken: undefined,
    chatTemplate: undefined,
    weightBytes: 256 * 257,
  });
  const perBlock = {
    "llama.attention.head_count_kv": i32s([4, 1]),
    "llama.feed_forward_length": i32s([8, 300]),
  };
  expect(readModelHeader(file(perBlock))).toMatchObject({ headCountKv: [4, 1], feedForwardLength: 300 });
});

test("scaling as real models have it: none, linear, yarn, a factor that llama.cpp writes for none", () => {
  for (const type of ["none", "linear", "yarn", "longrope"])
    for (const factor of [0, 1, 8, 32]) {
      const scaling = { "llama.rope.scaling.type": string(type), "llama.rope.scaling.factor": f32(factor) };
      const wide = { "llama.context_length": u32(131_072), "llama.rope.scaling.yarn_ext_factor": f32(-1) };
      expect(readModelHeader(file({ ...scaling, ...wide })).contextLength).toBe(131_072);
    }
});

describe("refused before llama.cpp sees it", () => {
  test.each<[string, Record<string, GgufValue | undefined>, RegExp]>([
    ["no block", { "llama.block_count": u32(0) }, /block_count is 0/],
    [
      "no width",
      { "llama.embedding_length": undefined },
      /embedding_length should be a number and is missing/,
    ],
    ["heads", { "llama.attention.head_count_kv": u32(3) }, /4 attention heads for 3 key-value heads/],
    ["short list", { "llama.attention.head_count": i32s([]) }, /0 numbers for 2 blocks/],
    ["odd RoPE", { "llama.rope.dimension_count": u32(15) }, /dimension_count is 15 for heads of 16/],
    ["experts", { "llama.expert_used_count": u32(1) }, /uses 1 of 0 experts/],
    ["epsilon", { "llama.attention.layer_norm_rms_epsilon": f32(-1) }, /epsilon is -1/],
    ["scaling", { "llama.rope.scaling.type": string("x") }, /none of none, linear/],
    ["factor", { "llama.rope.scaling.factor": f32(-8) }, /scaling.factor is -8/],
    ["base", { "llama.rope.freq_base": f32(-1) }, /freq_base is -1/],
    ["tokenizer", { "tokenizer.ggml.model": string("bert") }, /of kind bert/],
    ["types", { "tokenizer.ggml.token_type": i32s([1]) }, /token_type has 1 numbers for 257 tokens/],
    ["end of turn", { "tokenizer.ggml.eos_token_id": u32(257) }, /eos_token_id is 257 and there are 257/],
    ["twice", { "tokenizer.ggml.tokens": strings([...tokens.slice(0, 256), "a"]) }, /token 256 stands twice/],
    ["a byte", { "tokenizer.ggml.tokens": strings(tokens.with(65, "AA")) }, /no token for the byte 0x41/],
  ])("%s", (_name, changes, message) => {
    const read = () => readModelHeader(file(changes));
    expect(read).toThrow(InputError);
    expect(read).toThrow(/^x.gguf: /);
    expect(read).toThrow(message);
  });

  test("vectors that are not F32; a matrix may have any type, and so may a classifier of one row", () => {
    const whole = file();
    const read = (name: string, shape: number[]) => {
      const added = { ...whole.tensors[0]!, name, shape, type: "F16" as const };
      return readModelHeader({ ...whole, tensors: [...whole.tensors, added] });
    };
    for (const name of ["rope_freqs.weight", "blk.0.attn_norm.weight", "blk.0.attn_q.bias"])
      for (const shape of [[8], [8, 1]])
        expect(() => read(name, shape)).toThrow(`${name} is of type F16 and must be F32`);
    expect(read("output.weight", [64, 257]).blockCount).toBe(2);
    expect(read("cls.output.weight", [64, 1]).blockCount).toBe(2);
  });

  test("embeddings for another vocabulary, or none", () => {
    expect(() => readModelHeader(file({}, 200))).toThrow(/257 tokens and embeddings for 200/);
    expect(() => readModelHeader({ ...file(), tensors: [] })).toThrow(/no tensor token_embd.weight/);
  });
});
