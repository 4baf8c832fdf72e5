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
import { openBackend } from "../../../src/engine/embedded/bindings.ts";
import { ThreadChoice } from "../../../src/engine/embedded/decoding/thread-choice.ts";
import { EmbeddedEmbedding } from "../../../src/engine/embedded/pooled/embedded-embedding.ts";
import { openEmbeddedEmbedding } from "../../../src/engine/embedded/pooled/open-embedding.ts";
import { PooledEngine } from "../../../src/engine/embedded/pooled/pooled-engine.ts";
import { embeddingPrefixes } from "../../../src/engine/embedding-prefix.ts";
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

test("an old file that does not ask for the tokens around a text gets them all the same", async () => {
  const path = join(folder, "old.gguf");
  const silent = { "tokenizer.ggml.add_bos_token": undefined, "tokenizer.ggml.add_eos_token": undefined };
  await writeTinyEncoder(path, { kind: "xlm-roberta", pooling: 1, metadata: silent });
  const [vector] = await embed(path, "cat");
  expectNear(
    vector!,
    expected("xlm-roberta", ["▁cat"], () => true),
  );
});

test("short texts share batches, and have the vectors that they have alone", async () => {
  const path = join(folder, "shared.gguf");
  const texts = Array.from({ length: 100 }, (_, i) => TEXTS.bert[i % 3]![0].repeat(1 + (i % 4)));
  for (const isCausal of [false, true]) {
    if (isCausal) await writeTinyGguf(path, { metadata: { "llama.pooling_type": u32(1) } });
    else await writeTinyEncoder(path, { kind: "bert", pooling: 1, hasBlocks: true });
    const model = await openEmbeddedEmbedding(path, { gpu: false, threads: 1 });
    const alone: Float32Array[] = [];
    for (const text of texts) alone.push(...(await model.embed([text], { role: "passage" })));
    const before = model.evaluated;
    expect(before.batches).toBeGreaterThanOrEqual(texts.length);
    const together = await model.embed(texts, { role: "passage" });
    for (const [i, vector] of together.entries()) expectNear(vector, [...alone[i]!]);
    const after = model.evaluated;
    expect(after.tokens).toBe(2 * before.tokens);
    // At least half full.
    expect(after.batches - before.batches).toBeLessThan(before.tokens / 32);
    await model.close();
  }
});

test("a question waits for a few texts of a collection, and any number of calls may wait", async () => {
  const path = join(folder, "waiting.gguf");
  await writeTinyGguf(path);
  const model = await openEmbeddedEmbedding(path, { gpu: false, threads: 1 });
  const text = "это первое, второе и третье слово ";
  await model.embed([text], { role: "passage" });
  const each = model.evaluated.tokens;
  let isOver = false;
  const collection = model.embed(Array<string>(200).fill(text), { role: "passage" }).then(() => {
    isOver = true;
  });
  while (model.evaluated.tokens === each) await new Promise((resolve) => setImmediate(resolve));
  const before = model.evaluated.tokens;
  await model.embed(["слово?"], { role: "query" });
  // The 16 that run at once, and what else is in the batches.
  expect(model.evaluated.tokens - before).toBeLessThan(20 * each);
  expect(isOver).toBe(false);
  await collection;
  const calls = Array.from({ length: 1000 }, (_, i) => model.embed([`${i}`], { role: "query" }));
  expect(await Promise.all(calls)).toHaveLength(1000);
  await model.close();
});

test("a decoder in pieces: the mean of all its tokens, or the last one, as at once", async () => {
  const path = join(folder, "decoder.gguf");
  const text = "это первое слово, а то второе ".repeat(20);
  const prefixes = embeddingPrefixes([]);
  for (const [pooling, number] of [
    ["mean", 1],
    ["last", 3],
  ] as const) {
    await writeTinyGguf(path, { metadata: { "llama.pooling_type": u32(number) } });
    const backend = await openBackend(false);
    const whole = { contextSize: 1024, batchSize: 1024, outputs: 1024, pooling };
    const rest = { sequences: 1, threads: 1, gpuLayers: 0, kvType: "f16", tokenizer: "gpt2" } as const;
    const model = await backend.loadEmbedder(path, { ...whole, ...rest });
    expect(model.tokenize(text, false).length).toBeGreaterThan(150);
    const threads = new ThreadChoice([1]);
    const once = { isCausal: true, reuses: false, parallel: 1, maxWaiting: 1, threads };
    const engine = new PooledEngine(model, { name: "whole", ...whole, ...once });
    const atOnce = new EmbeddedEmbedding({ name: "whole", path, engine, prefixes });
    const inPieces = await openEmbeddedEmbedding(path);
    const [a, b] = await Promise.all(
      [atOnce, inPieces].map(async (other) => (await other.embed([text], { role: "query" }))[0]!),
    );
    expectNear(a!, [...b!]);
    await Promise.all([atOnce.close(), inPieces.close()]);
  }
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
    for (let i = 0; i < 16; i++) {
      const damaged = Buffer.from(bytes);
      const place = random(5) > 0 ? random(dataOffset) : dataOffset + random(bytes.length - dataOffset);
      damaged[place] = damaged[place]! ^ (1 << random(8));
      writeFileSync(file(`${kind} flipped ${i}`), damaged);
    }
    // The blocks are the same in both kinds.
    for (const [name, metadata] of Object.entries(LIMITS))
      if (kind === "xlm-roberta" || name.includes("tokens"))
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
  // The first file without an outcome is the one that ended the child.
  expect(paths.find((path) => !outcomes.has(path))).toBeUndefined();
  for (const outcome of outcomes.values()) expect(outcome).toMatch(/^(answered|refused: )/);
  for (const kind of KINDS) expect(outcomes.get(join(folder, `${kind} whole.gguf`))).toBe("answered");
});
