import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { InputError } from "../../errors.ts";
import { f32, type GgufValue, string } from "../../gguf/metadata.ts";
import { type GgufFile, readGguf } from "../../gguf/read-gguf.ts";
import { type TensorType, tensorByteLength } from "../../gguf/tensor-types.ts";
import { writeGguf } from "../../gguf/write-gguf.ts";
import { readAdapterHeader } from "./adapter-header.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-adapter-header-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Shapes = Record<string, readonly [type: TensorType, ...shape: number[]]>;

/** What a header says of a model: of its weights nothing is read. */
function model(shapes: Shapes): GgufFile {
  const tensors = Object.entries(shapes).map(([name, [type, ...shape]]) => ({
    name,
    shape,
    type,
    offset: 0,
    byteLength: tensorByteLength(type, shape)!,
  }));
  const metadata = new Map([["general.architecture", string("llama")]]);
  return { path: "model.gguf", version: 3, metadata, tensors, dataOffset: 0 };
}

/** Tensors of zeros. */
async function adapter(shapes: Shapes): Promise<GgufFile> {
  const path = join(folder, "adapter.gguf");
  const metadata = new Map<string, GgufValue>([
    ["general.type", string("adapter")],
    ["general.architecture", string("llama")],
    ["adapter.type", string("lora")],
    ["adapter.lora.alpha", f32(16)],
  ]);
  const tensors = Object.entries(shapes).map(([name, [type, ...shape]]) => {
    return { name, shape, type, data: new Uint8Array(tensorByteLength(type, shape)!) };
  });
  await writeGguf(path, { metadata, tensors });
  return readGguf(path);
}

const Q = "blk.0.attn_q.weight";
const EXPERTS = "blk.0.ffn_up_exps.weight";
const shapes: Shapes = {
  [Q]: ["Q4_K", 256, 64],
  [EXPERTS]: ["F16", 256, 64, 8],
  "blk.0.ffn_gate.weight": ["NVFP4", 256, 64],
  "blk.0.attn_norm.weight": ["F32", 256],
  "token_embd.weight": ["F16", 256, 100],
};

const pair = (name: string, a: number[], b: number[], type: TensorType = "F32"): Shapes => ({
  [`${name}.lora_a`]: [type, ...a],
  [`${name}.lora_b`]: [type, ...b],
});

describe("readAdapterHeader", () => {
  test("counts the bytes of what fits: in any of the converter's types, and of experts, one for each", async () => {
    const file = async (type: TensorType) => {
      const found = await adapter(pair(Q, [256, 32], [32, 64], type));
      return readAdapterHeader(found, model(shapes)).weightBytes;
    };
    const numbers = 256 * 32 + 32 * 64;
    expect(await file("F32")).toBe(4 * numbers);
    expect(await file("F16")).toBe(2 * numbers);
    expect(await file("BF16")).toBe(2 * numbers);
    expect(await file("Q8_0")).toBe((34 / 32) * numbers);
    const experts = await adapter(pair(EXPERTS, [256, 4, 8], [4, 64, 8]));
    expect(readAdapterHeader(experts, model(shapes)).weightBytes).toBe(4 * 8 * (256 * 4 + 4 * 64));
  });

  test("embeddings have a and b the other way round, and are no output", async () => {
    const embeddings = await adapter(pair("token_embd.weight", [4, 100], [4, 256]));
    const withOutput = { ...shapes, "output.weight": ["F16", 256, 100] } as const;
    expect(readAdapterHeader(embeddings, model(withOutput)).weightBytes).toBe(4 * 4 * 356);
    expect(() => readAdapterHeader(embeddings, model(shapes))).toThrow(/the model's output, too/);
  });

  test.each<[string, Shapes]>([
    ["has no matrix blk.0.attn_norm.weight", pair("blk.0.attn_norm.weight", [256, 1], [1, 1])],
    ["has no matrix blk.1.attn_q.weight", pair("blk.1.attn_q.weight", [256, 4], [4, 64])],
    ["NVFP4", pair("blk.0.ffn_gate.weight", [256, 4], [4, 64])],
    ["is 256 x 64 x 8, and its lora_a 256 x 4", pair(EXPERTS, [256, 4], [4, 64])],
    ["is 256 x 64 x 8, and its lora_a 256 x 4 x 7", pair(EXPERTS, [256, 4, 7], [4, 64, 8])],
    ["is 256 x 64, and its lora_a 256 x 300", pair(Q, [256, 300], [300, 64])],
    ["of type I8", pair(Q, [256, 4], [4, 64], "I8")],
  ])("%s", async (says, tensors) => {
    const file = await adapter(tensors);
    expect(() => readAdapterHeader(file, model(shapes))).toThrow(InputError);
    expect(() => readAdapterHeader(file, model(shapes))).toThrow(says);
  });
});
