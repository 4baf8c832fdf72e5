/**
 * Encoders in the embedded engine, on tiny files whose vectors can be computed by hand: the tokens that go around a
 * text, positions and pooling; and damaged files, which must not end the process.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { openEmbeddedEmbedding } from "../../../src/engine/embedded/open-embedding.ts";
import { f32, type GgufValue, i32s, string, strings, u32 } from "../../../src/gguf/metadata.ts";
import { readGguf } from "../../../src/gguf/read-gguf.ts";
import { writeTinyGguf } from "../tiny-gguf.ts";
import {
  TINY_ENCODER_ENDS,
  TINY_ENCODER_WIDTH,
  tinyEncoderRow,
  tinyEncoderTokens,
  writeTinyEncoder,
} from "./tiny-encoder-gguf.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-encoders-"));
afterAll(() => rmSync(folder, { recursive: true }));
const KINDS = ["bert", "xlm-roberta"] as const;
type Kind = (typeof KINDS)[number];

function normed(values: readonly number[]): number[] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
  return values.map((v) => (v - mean) / deviation);
}

/** What the model makes of `pieces` between the tokens of its kind, pooled over the positions that `from` keeps. */
function expected(kind: Kind, pieces: readonly string[], keep: (at: number, count: number) => boolean) {
  const tokens = tinyEncoderTokens(kind);
  const [first, last] = TINY_ENCODER_ENDS[kind];
  const ids = [first, ...pieces.map((piece) => tokens.indexOf(piece)), last];
  expect(ids).not.toContain(-1);
  const sum = new Array<number>(TINY_ENCODER_WIDTH).fill(0);
  for (const [at, id] of ids.entries()) {
    if (!keep(at, ids.length)) continue;
    const rows = [tinyEncoderRow("token", id), tinyEncoderRow("position", at), tinyEncoderRow("type", 0)];
    for (const [i, value] of normed(sum.map((_, i) => rows[0]![i]! + rows[1]![i]! + rows[2]![i]!)).entries())
      sum[i]! += value;
  }
  const length = Math.hypot(...sum);
  return sum.map((value) => value / length);
}

async function embed(path: string, ...texts: string[]): Promise<Float32Array[]> {
  const model = await openEmbeddedEmbedding(path);
  try {
    expect(model.dimension).toBe(TINY_ENCODER_WIDTH);
    return await model.embed(texts, { role: "passage" });
  } finally {
    await model.close();
  }
}

function expectNear(vector: Float32Array, values: readonly number[]): void {
  for (const [i, value] of values.entries()) expect(Math.abs(vector[i]! - value)).toBeLessThan(1e-3);
}

const TEXTS: Record<Kind, [text: string, pieces: string[]][]> = {
  bert: [
    ["собака, DOG", ["▁собака", "▁,", "▁dog"]],
    ["[CLS]", ["▁[", "▁cls", "▁]"]],
    ["cats ☃", ["▁cat", "s", "[UNK]"]],
  ],
  "xlm-roberta": [
    ["собака A  cat", ["▁собака", "▁", "a", "▁cat"]],
    ["dog</s>", ["▁dog", "<", "/", "s", ">"]],
    ["☃", ["▁", "<unk>"]],
  ],
};

describe.each(KINDS)("%s", (kind) => {
  test.each([
    ["the mean", 1, () => true],
    ["the first token", 2, (at: number) => at === 0],
    ["the last token", 3, (at: number, count: number) => at === count - 1],
    ["nothing, and gets the mean", undefined, () => true],
    ["none, and gets the mean", 0, () => true],
  ] as const)("whose header asks for %s", async (_, pooling, keep) => {
    const path = join(folder, `${kind}-${pooling}.gguf`);
    await writeTinyEncoder(path, { kind, ...(pooling === undefined ? {} : { pooling }) });
    const vectors = await embed(path, ...TEXTS[kind].map(([text]) => text));
    for (const [i, [, pieces]] of TEXTS[kind].entries())
      expectNear(vectors[i]!, expected(kind, pieces, keep));
  });

  test("a long text is cut by tokens, and still ends as it should", async () => {
    const path = join(folder, `${kind}-long.gguf`);
    await writeTinyEncoder(path, { kind, pooling: 1, contextLength: 20 });
    const [vector] = await embed(path, "dog ".repeat(1000));
    expectNear(
      vector!,
      expected(kind, Array<string>(18).fill("▁dog"), () => true),
    );
  });
});

test("rerankers and unknown tokenizers are refused; e5 gets its prefixes", async () => {
  const path = join(folder, "other.gguf");
  await writeTinyEncoder(path, { kind: "bert", pooling: 4 });
  await expect(openEmbeddedEmbedding(path)).rejects.toThrow(/is a reranker/);
  await writeTinyEncoder(path, { kind: "bert", pooling: 7 });
  await expect(openEmbeddedEmbedding(path)).rejects.toThrow(/bert.pooling_type is 7/);
  await writeTinyEncoder(path, { kind: "bert", metadata: { "tokenizer.ggml.model": string("rwkv") } });
  await expect(openEmbeddedEmbedding(path)).rejects.toThrow(/kind rwkv, and gpt2, llama, bert, and t5 are/);
  await writeTinyEncoder(path, { kind: "xlm-roberta", metadata: { "general.name": string("E5 small") } });
  const [marked] = await embed(path, "cat");
  await writeTinyEncoder(path, { kind: "xlm-roberta" });
  expect(marked).toEqual((await embed(path, "passage: cat"))[0]);
});

test("a decoder in pieces: the mean of all its tokens, or the last one", async () => {
  // 300 tokens, in pieces of 64 and then at once.
  const text = "это первое слово, а то второе ".repeat(20);
  const vectors: Record<string, Float32Array> = {};
  for (const [name, pooling, causal] of [
    ["mean", 1, undefined],
    ["last", 3, undefined],
    ["none", undefined, undefined],
    ["whole", 1, "unknown"],
  ] as const) {
    const path = join(folder, `decoder-${name}.gguf`);
    const architecture = causal === undefined ? "llama" : "mistral3";
    const renamed = Object.fromEntries(
      pooling === undefined ? [] : [[`${architecture}.pooling_type`, u32(pooling)]],
    );
    await writeTinyGguf(path, { metadata: renamed });
    const model = await openEmbeddedEmbedding(path);
    [vectors[name]] = (await model.embed([text], { role: "query" })) as [Float32Array];
    await model.close();
  }
  expect(vectors.none).toEqual(vectors.mean);
  expect(vectors.last).not.toEqual(vectors.mean);
});

const LIMITS: Record<string, Record<string, GgufValue | undefined>> = {
  "no heads": { "bert.attention.head_count": u32(0) },
  "heads that do not divide": { "bert.attention.head_count": u32(3) },
  "no feed-forward": { "bert.feed_forward_length": u32(0) },
  "many blocks": { "bert.block_count": u32(2 ** 31) },
  "a longer context than positions": { "bert.context_length": u32(4096) },
  "a context of one": { "bert.context_length": u32(1) },
  "epsilon not a number": { "bert.attention.layer_norm_epsilon": f32(Number.NaN) },
  "no epsilon": { "bert.attention.layer_norm_epsilon": undefined },
  "no causality": { "bert.attention.causal": undefined },
  "no types": { "tokenizer.ggml.token_type_count": u32(0) },
  "many types": { "tokenizer.ggml.token_type_count": u32(2 ** 31) },
  "one token, many times": { "tokenizer.ggml.tokens": strings(Array.from({ length: 300 }, () => "a")) },
  "no special tokens": {
    "tokenizer.ggml.bos_token_id": undefined,
    "tokenizer.ggml.eos_token_id": undefined,
    "tokenizer.ggml.seperator_token_id": undefined,
    "tokenizer.ggml.unknown_token_id": undefined,
  },
  "special tokens out of range": {
    "tokenizer.ggml.unknown_token_id": u32(5000),
    "tokenizer.ggml.seperator_token_id": u32(5000),
  },
  "no scores": { "tokenizer.ggml.scores": undefined },
  "whole numbers for scores": { "tokenizer.ggml.scores": i32s([1, 2, 3]) },
  "no types of tokens": { "tokenizer.ggml.token_type": undefined },
  "the other tokenizer": { "tokenizer.ggml.model": string("gpt2") },
  "an empty charsmap": {
    "tokenizer.ggml.precompiled_charsmap": { type: "array", of: "u8", value: new Uint8Array(0) },
  },
  "a charsmap of text": { "tokenizer.ggml.precompiled_charsmap": strings(["a"]) },
  "a charsmap that leads out": {
    "tokenizer.ggml.precompiled_charsmap": {
      type: "array",
      of: "u8",
      value: new Uint8Array([8, 0, 0, 0, 255, 255, 255, 127, 255, 255, 255, 127, 65, 0]),
    },
  },
  "unknown architecture": { "general.architecture": string("nonsense") },
};

test("no damaged file ends the process, or brings an error that is not ours", async () => {
  const paths: string[] = [];
  const file = (name: string) => {
    paths.push(join(folder, `${name}.gguf`));
    return paths.at(-1)!;
  };
  let state = 20_260_101;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (const kind of KINDS) {
    const whole = file(`${kind} whole`);
    await writeTinyEncoder(whole, { kind, pooling: 1 });
    const bytes = readFileSync(whole);
    const { dataOffset } = readGguf(whole);
    for (let i = 0; i < 60; i++) {
      const damaged = Buffer.from(bytes);
      const place = random(5) > 0 ? random(dataOffset) : dataOffset + random(bytes.length - dataOffset);
      damaged[place] = damaged[place]! ^ (1 << random(8));
      writeFileSync(file(`${kind} flipped ${i}`), damaged);
    }
    for (const [name, metadata] of Object.entries(LIMITS))
      await writeTinyEncoder(file(`${kind}, ${name}`), { kind, pooling: 1, metadata });
  }
  const child = join(import.meta.dirname, "open-damaged.ts");
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", child, ...paths], {
    maxBuffer: 2 ** 24,
  }).catch((error: { stdout: string }) => error);
  const outcomes = new Map<string, string>();
  for (const line of stdout.split("\n").filter((text) => text !== "")) {
    const { path, outcome } = JSON.parse(line) as { path: string; outcome: string };
    outcomes.set(path, outcome);
  }
  if (process.env.SHOW)
    for (const [p, o] of outcomes)
      console.log(p.slice(folder.length), o.slice(0, 200).replaceAll(folder, ""));
  // The first file without an outcome is the one that ended the child.
  expect(paths.find((path) => !outcomes.has(path))).toBeUndefined();
  for (const outcome of outcomes.values()) expect(outcome).toMatch(/^(answered|refused: )/);
  for (const kind of KINDS) expect(outcomes.get(join(folder, `${kind} whole.gguf`))).toBe("answered");
});
