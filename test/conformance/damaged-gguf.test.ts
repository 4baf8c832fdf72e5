/** No file ends the process: damaged models are opened in a child, which must live to report on each. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { f32, type GgufValue, i32s, string, strings, u32 } from "../../src/gguf/metadata.ts";
import { quantize } from "../../src/gguf/quantize.ts";
import { readGguf } from "../../src/gguf/read-gguf.ts";
import { readTensor } from "../../src/gguf/read-tensor.ts";
import { type GgufTensor, writeGguf } from "../../src/gguf/write-gguf.ts";
import { writeTinyGguf } from "./tiny-gguf.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-damaged-"));
const whole = join(folder, "whole.gguf");
/** All files in the order in which the child opens them, and what it said of each. */
const paths: string[] = [];
const outcomes = new Map<string, string>();

/** Headers on which llama.cpp by itself aborts, or which come close. */
const SENSELESS: Record<string, Record<string, GgufValue | undefined>> = {
  "no feed-forward": { "llama.feed_forward_length": u32(0) },
  "feed-forward unnamed": { "llama.feed_forward_length": undefined },
  "no heads": { "llama.attention.head_count": u32(0) },
  "no key-value heads": { "llama.attention.head_count_kv": u32(0) },
  "a block without key-value heads": { "llama.attention.head_count_kv": i32s([2, 0]) },
  "heads that do not divide": { "llama.attention.head_count_kv": u32(3) },
  "too many blocks": { "llama.block_count": u32(2 ** 31) },
  "experts, none used": { "llama.expert_count": u32(8) },
  "experts used, none there": { "llama.expert_used_count": u32(2) },
  "countless experts": { "llama.expert_count": u32(2 ** 32 - 1), "llama.expert_used_count": u32(1) },
  "more predicted than there are": { "llama.nextn_predict_layers": u32(9) },
  "negative epsilon": { "llama.attention.layer_norm_rms_epsilon": f32(-1) },
  "epsilon not a number": { "llama.attention.layer_norm_rms_epsilon": f32(Number.NaN) },
  "huge epsilon": { "llama.attention.layer_norm_rms_epsilon": f32(3e38) },
  "infinite RoPE base": { "llama.rope.freq_base": f32(Number.POSITIVE_INFINITY) },
  "zero RoPE base": { "llama.rope.freq_base": f32(0) },
  "odd RoPE": { "llama.rope.dimension_count": u32(7) },
  "unknown RoPE scaling": { "llama.rope.scaling.type": string("sideways") },
  ...Object.fromEntries(
    ["linear", "yarn", "longrope"].flatMap((type) =>
      [0, -1, Number.NaN, 1e-45, 3e38].map((factor) => [
        `${type} RoPE scaling by ${factor}`,
        { ...scaled(type), "llama.rope.scaling.factor": f32(factor) },
      ]),
    ),
  ),
  "RoPE scaling by a text": { ...scaled("yarn"), "llama.rope.scaling.factor": string("8") },
  "RoPE scaling by a whole number": { ...scaled("yarn"), "llama.rope.scaling.factor": u32(8) },
  "the old key of RoPE scaling, negative": { "llama.rope.scale_linear": f32(-2) },
  "stretched from nothing": { ...scaled("yarn"), "llama.rope.scaling.original_context_length": u32(0) },
  "stretched from everything": {
    ...scaled("yarn"),
    "llama.rope.scaling.original_context_length": u32(2 ** 32 - 1),
  },
  "a RoPE base of one, stretched": { ...scaled("yarn"), "llama.rope.freq_base": f32(1) },
  "negative RoPE base, stretched": { ...scaled("yarn"), "llama.rope.freq_base": f32(-10_000) },
  "no attention left by RoPE": { ...scaled("yarn"), "llama.rope.scaling.attn_factor": f32(0) },
  "negative attention by RoPE": { ...scaled("yarn"), "llama.rope.scaling.attn_factor": f32(-3e38) },
  "SentencePiece without bytes": { "tokenizer.ggml.model": string("llama") },
  "one token, many times": { "tokenizer.ggml.tokens": strings(Array.from({ length: 300 }, () => "a")) },
  "end of turn out of range": { "tokenizer.ggml.eos_token_id": u32(300) },
  "merges of nothing": { "tokenizer.ggml.merges": strings(["", " ", "a", "a b c"]) },
  "unknown architecture": { "general.architecture": string("nonsense") },
};

/** Of a pair of a head's numbers each, what its angle is divided by: `rope_freqs.weight` of Llama 3. */
const ROPE_FACTORS: Record<string, Partial<GgufTensor>> = {
  zero: { data: quantize("F32", new Float32Array(4)) },
  "not a number": { data: new Uint8Array(new Float32Array(4).fill(Number.NaN).buffer) },
  negative: { data: quantize("F32", new Float32Array(4).fill(-8)) },
  "of half precision": { type: "F16", data: quantize("F16", new Float32Array(4).fill(8)) },
  "too few": { shape: [2], data: quantize("F32", new Float32Array(2).fill(8)) },
  "of two dimensions": { shape: [4, 2], data: quantize("F32", new Float32Array(8).fill(8)) },
};

function scaled(type: string): Record<string, GgufValue> {
  return {
    "llama.rope.scaling.type": string(type),
    "llama.rope.scaling.factor": f32(8),
    "llama.rope.scaling.original_context_length": u32(128),
  };
}

function file(name: string): string {
  const path = join(folder, `${name}.gguf`);
  paths.push(path);
  return path;
}

beforeAll(async () => {
  await writeTinyGguf(whole);
  paths.push(whole);
  const bytes = readFileSync(whole);
  for (const part of [0.01, 0.1, 0.3, 0.5, 0.9, 0.9999])
    writeFileSync(file(`cut ${part}`), bytes.subarray(0, Math.floor(part * bytes.length)));
  const { metadata, dataOffset, tensors } = readGguf(whole);
  let state = 20_260_101;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let i = 0; i < 80; i++) {
    const damaged = Buffer.from(bytes);
    for (let n = 0; n <= i % 3; n++) {
      // Mostly the header, where a change may go unnoticed the furthest.
      const place = random(4) > 0 ? random(dataOffset) : dataOffset + random(bytes.length - dataOffset);
      damaged[place] = damaged[place]! ^ (1 << random(8));
    }
    writeFileSync(file(`flipped ${i}`), damaged);
  }
  for (const [name, metadata] of Object.entries(SENSELESS))
    await writeTinyGguf(file(`senseless, ${name}`), { metadata });
  for (const name of ["rope_freqs", "rope_factors_long", "rope_factors_short"])
    for (const [what, changes] of Object.entries(ROPE_FACTORS)) {
      const type = name === "rope_freqs" ? {} : scaled("longrope");
      const factors = { name: `${name}.weight`, shape: [4], type: "F32", data: new Uint8Array(0) } as const;
      await writeTinyGguf(file(`factors, ${name} ${what}`), {
        metadata: type,
        tensors: [{ ...factors, ...changes }],
      });
    }
  for (const norm of tensors.filter(({ name }) => name.endsWith("norm.weight")))
    for (const type of ["F16", "Q8_0"] as const) {
      const ones = quantize(type, new Float32Array(norm.shape[0]!).fill(1));
      const changed = tensors.map((tensor) =>
        tensor === norm
          ? { ...norm, type, data: ones }
          : { ...tensor, data: readTensor(readGguf(whole), tensor.name) },
      );
      await writeGguf(file(`vector, ${norm.name} ${type}`), { metadata, tensors: changed });
    }
  const { offset } = tensors.find((t) => t.name === "blk.1.ffn_down.weight")!;
  for (const value of [Number.NaN, Number.NEGATIVE_INFINITY, 3e38]) {
    const damaged = Buffer.from(bytes);
    for (let i = 0; i < 64; i++) damaged.writeFloatLE(value, dataOffset + offset + 4 * i);
    writeFileSync(file(`weights ${value}`), damaged);
  }
  const child = resolve(import.meta.dirname, "open-damaged.ts");
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", child, ...paths], {
    maxBuffer: 2 ** 24,
  }).catch((error: { stdout: string }) => error);
  for (const line of stdout.split("\n").filter((text) => text !== "")) {
    const { path, outcome } = JSON.parse(line) as { path: string; outcome: string };
    outcomes.set(path, outcome);
  }
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true }));

const of = (name: string) => paths.filter((path) => path.startsWith(join(folder, name)));

test("no file ended the child, and none brought an error that is not ours", () => {
  // The first file without an outcome is the one that did.
  expect(paths.find((path) => !outcomes.has(path))).toBeUndefined();
  expect(paths.length).toBeGreaterThan(100);
  for (const outcome of outcomes.values()) expect(outcome).toMatch(/^(answered|refused: )/);
});

test("the whole file answers; cut short anywhere it is refused by name", () => {
  expect(outcomes.get(whole)).toBe("answered");
  expect(of("cut ").length).toBe(6);
  for (const path of of("cut ")) expect(outcomes.get(path)).toContain(`refused: ${path}: `);
});

test("vectors that are not of 32 bits are refused", () => {
  expect(of("vector, ").length).toBe(10);
  for (const path of of("vector, ")) expect(outcomes.get(path)).toMatch(/is of type \w+ and must be F32/);
});

test("scaling that makes no sense is refused, or shows in the answer; zero stands for none", () => {
  const said = (name: string) => {
    const paths = of(name);
    expect(paths.length).toBeGreaterThan(0);
    return paths.map((path) => outcomes.get(path));
  };
  for (const type of ["linear", "yarn", "longrope"]) {
    expect(said(`senseless, ${type} RoPE scaling by 0.gguf`)).toEqual(["answered"]);
    for (const factor of ["-1", "NaN"])
      for (const outcome of said(`senseless, ${type} RoPE scaling by ${factor}`))
        expect(outcome).toMatch(/rope\.scaling\.factor is /);
  }
  for (const name of ["rope_freqs", "rope_factors_long", "rope_factors_short"])
    for (const outcome of said(`factors, ${name} of half precision`))
      expect(outcome).toMatch(/is of type F16 and must be F32/);
  for (const outcome of said("factors, rope_freqs zero")) expect(outcome).toMatch(/not finite/);
});

test("weights that are not finite are refused; those that overflow show in the answer", () => {
  expect(of("weights ").length).toBe(3);
  for (const path of of("weights "))
    expect(outcomes.get(path)).toMatch(/^refused: .*\.gguf: .*(invalid|not finite)/);
});
