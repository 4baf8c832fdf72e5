/**
 * Positions beyond what a model was trained for, with the scaling of RoPE that its file names: the engine's tokens and
 * log-probabilities are those of llama.cpp as node-llama-cpp's public interface calls it, on a context of one sequence.
 * A needle stands at several depths of 32,768 tokens; whether nano finds it is measured in docs/log.md. In a process of
 * its own, as embedded-library.test.ts.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ControlledEvaluateInputItem } from "node-llama-cpp";
import { afterAll, describe, expect, test } from "vitest";
import type { KvType } from "../../src/engine/embedded/memory.ts";
import { openEmbedded, openTokenEngine } from "../../src/engine/embedded/open-embedded.ts";
import type { TokenEngine } from "../../src/engine/embedded/token-engine.ts";
import { ContextOverflowError } from "../../src/errors.ts";
import { f32, type GgufValue, string, u32 } from "../../src/gguf/metadata.ts";
import { quantize } from "../../src/gguf/quantize.ts";
import { readGguf } from "../../src/gguf/read-gguf.ts";
import { readTensorFloats } from "../../src/gguf/read-tensor.ts";
import { type GgufTensor, writeGguf } from "../../src/gguf/write-gguf.ts";
import { generateDialogues } from "../../src/synthesis/grounded/generate.ts";
import { complete } from "./language-model.ts";
import { writeTinyGguf } from "./tiny-gguf.ts";

const NANO = join(import.meta.dirname, "../../models/nano.gguf");
const WIDE = 32_768;
const WIDEST = 131_072;
/** Two ways through the same arithmetic, on weights of 32 bits: sums are rounded otherwise, nothing more. */
const ROUNDING = 2e-3;

const folder = mkdtempSync(join(tmpdir(), "vikhr-long-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** nano with 32,768 tokens and weights of 32 bits, whose kernels do not depend on how tokens are batched. */
async function writeLongNano(
  name: string,
  options: { blocks?: number; metadata?: Record<string, GgufValue>; tensors?: GgufTensor[] },
): Promise<string> {
  const { blocks = 8, metadata = {}, tensors: added = [] } = options;
  const file = readGguf(NANO);
  const changed = { "llama.block_count": u32(blocks), "llama.context_length": u32(WIDE), ...metadata };
  const tensors = file.tensors
    .filter((tensor) => Number(/^blk\.(\d+)/.exec(tensor.name)?.[1] ?? 0) < blocks)
    .map(({ name, shape }) => {
      const data = quantize("F32", readTensorFloats(file, name));
      return { name, shape, type: "F32" as const, data };
    });
  const path = join(folder, `${name}.gguf`);
  await writeGguf(path, {
    metadata: new Map([...file.metadata, ...Object.entries(changed)]),
    tensors: [...tensors, ...added],
  });
  return path;
}

function scaled(type: string): Record<string, GgufValue> {
  return {
    "llama.rope.scaling.type": string(type),
    "llama.rope.scaling.factor": f32(8),
    "llama.rope.scaling.original_context_length": u32(256),
  };
}

/** What the angles of a head's 16 pairs are divided by: as Llama 3 has it, the slow ones by the whole factor. */
const LLAMA3_FACTORS: GgufTensor = {
  name: "rope_freqs.weight",
  shape: [16],
  type: "F32",
  data: quantize(
    "F32",
    Float32Array.from({ length: 16 }, (_, i) => (i < 6 ? 1 : i < 9 ? 1 + 2 * (i - 5) : 8)),
  ),
};

const greedy = { temperature: 0, topP: 1, topK: 0, minP: 0, repeatPenalty: 1, seed: 1 };
const signal = new AbortController().signal;

async function greedyAnswer(engine: TokenEngine, prompt: readonly number[], maxTokens: number) {
  const made: { id: number; logprob?: number }[] = [];
  const request = { prompt, maxTokens, sampling: greedy, grammar: undefined, topLogprobs: 1, signal };
  const { reason, reusedTokens } = await engine.decode(request, (token) => made.push(token) > 0);
  return { made, reason, reusedTokens };
}

/** Of each token from `from` on, llama.cpp's log-probabilities of what may follow it. */
async function plainLogprobs(
  path: string,
  tokens: readonly number[],
  { contextSize, kvType, at }: { contextSize: number; kvType: KvType; at: ReadonlySet<number> },
): Promise<Map<number, Map<number, number>>> {
  const { getLlama, LlamaLogLevel } = await import("node-llama-cpp");
  const library = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.disabled });
  const model = await library.loadModel({ modelPath: path });
  const type = kvType === "f16" ? "F16" : kvType === "q8_0" ? "Q8_0" : "Q4_0";
  const context = await model.createContext({
    contextSize,
    sequences: 1,
    threads: 1,
    batchSize: 64,
    flashAttention: true,
    experimentalKvCacheKeyType: type,
    experimentalKvCacheValueType: type,
  });
  const options = { generateNext: { probabilities: true, options: { temperature: 0, topK: 0, topP: 1 } } };
  const input = tokens.map((id, i) => (at.has(i) ? [id, options] : id)) as ControlledEvaluateInputItem[];
  const output = await context.getSequence().controlledEvaluate(input);
  const logprobs = [...at].map((i): [number, Map<number, number>] => {
    const probabilities = [...output[i]!.next.probabilities!];
    return [i, new Map(probabilities.map(([id, p]) => [id, Math.log(p)]))];
  });
  await model.dispose();
  return new Map(logprobs);
}

/** Statements about things that do not exist, in both languages, one after another: at least `length` tokens. */
function textOf(engine: TokenEngine, length: number, needle?: string): number[] {
  const tokens: number[] = [];
  let last = "";
  let next = 0.1;
  for (const { messages } of generateDialogues({ seed: 3, documents: [1, 1] })) {
    const { content } = messages.find(({ role }) => role === "documents") ?? messages[0]!;
    if (content === last) continue;
    last = content;
    tokens.push(...Array.from(engine.tokenize(`${content}\n`, false)));
    if (needle !== undefined && tokens.length > next * length) {
      tokens.push(...Array.from(engine.tokenize(`${needle}\n`, false)));
      next += 0.2;
    }
    if (tokens.length >= length) return tokens.slice(0, length);
  }
}

describe("beyond the length of training, nano says what llama.cpp says", () => {
  const LENGTH = 1500;
  const first = new Map<string, number>();

  test.each<[string, KvType, Record<string, GgufValue>, GgufTensor[]]>([
    ["none", "f16", {}, []],
    ["linear", "f16", scaled("linear"), []],
    ["yarn", "f16", scaled("yarn"), []],
    ["llama3", "f16", {}, [LLAMA3_FACTORS]],
    ["yarn", "q8_0", scaled("yarn"), []],
    ["yarn", "q4_0", scaled("yarn"), []],
  ])("scaling %s, kept in %s", async (scaling, kvType, metadata, tensors) => {
    const path = await writeLongNano(`${scaling}-${kvType}`, { metadata, tensors });
    const options = { contextSize: 2048, kvType, threads: 1, gpu: false } as const;
    const { engine } = await openTokenEngine(path, options);
    const prompt = textOf(engine, LENGTH);
    const { made } = await greedyAnswer(engine, prompt, 6);
    await engine.close();
    expect(made.length).toBeGreaterThan(2);
    const tokens = [...prompt, ...made.map(({ id }) => id)];
    const at = new Set(made.map((_, i) => LENGTH - 1 + i));
    const plain = await plainLogprobs(path, tokens, { contextSize: 2048, kvType, at });
    for (const [i, { id, logprob }] of made.entries()) {
      const theirs = plain.get(LENGTH - 1 + i)!;
      expect(theirs.get(id)).toBe(Math.max(...theirs.values()));
      expect(Math.abs(logprob! - theirs.get(id)!)).toBeLessThan(ROUNDING);
    }
    first.set(`${scaling} ${kvType}`, made[0]!.logprob!);
  });

  test("each scaling and each kind of cache says something else", () => {
    const all = [...first.values()].sort((a, b) => a - b);
    expect(all).toHaveLength(6);
    for (let i = 1; i < all.length; i++) expect(all[i]! - all[i - 1]!).toBeGreaterThan(10 * ROUNDING);
  });
});

test("a needle in 32,768 tokens: every position is llama.cpp's, and the prefix is found again", async () => {
  // One block of eight: attention over so many tokens takes minutes else.
  const path = await writeLongNano("needle", {
    blocks: 1,
    metadata: { ...scaled("yarn"), "llama.rope.scaling.original_context_length": u32(4096) },
  });
  const { engine, contextSize } = await openTokenEngine(path, { threads: 1, gpu: false });
  expect(contextSize).toBe(WIDE);
  // What is asked below has room beside it: else the prompt, used least recently, would be given up.
  const length = WIDE - 64;
  const question = Array.from(engine.tokenize("What does the lighthouse keeper count? He counts", false));
  const needle = "The lighthouse keeper counts 731 gulls.";
  const prompt = [...textOf(engine, length - question.length, needle), ...question];
  const { made, reason } = await greedyAnswer(engine, prompt, 6);
  expect(engine.evaluatedTokens).toBe(length + made.length - (reason === "length" ? 1 : 0));

  // Within the length of training, just beyond it, and far beyond it; what is remembered serves them all.
  const positions = [1000, 4000, 4200, 9000, 17_000, 25_000, 32_000];
  const before = engine.evaluatedTokens;
  const ours = new Map<number, number>();
  for (const position of positions.toReversed()) {
    const [logprob] = await engine.score(prompt.slice(0, position), [prompt[position]!], signal);
    ours.set(position - 1, logprob!);
  }
  const other = prompt.with(length - 1, prompt[length - 1]! + 1);
  expect((await greedyAnswer(engine, other, 1)).reusedTokens).toBe(length - 1);
  expect(engine.evaluatedTokens - before).toBe(positions.length + 1);
  await engine.close();

  const tokens = [...prompt, ...made.map(({ id }) => id)];
  for (const [i, { logprob }] of made.entries()) ours.set(length - 1 + i, logprob!);
  const at = new Set(ours.keys());
  const plain = await plainLogprobs(path, tokens, { contextSize: WIDE, kvType: "f16", at });
  for (const [position, logprob] of ours)
    expect(Math.abs(logprob - plain.get(position)!.get(tokens[position + 1]!)!)).toBeLessThan(ROUNDING);
  for (const [i, { id }] of made.entries()) {
    const theirs = plain.get(length - 1 + i)!;
    expect(theirs.get(id)).toBe(Math.max(...theirs.values()));
  }
}, 600_000);

test("a prompt of one token more than the context is an error, whatever the context", async () => {
  const path = await writeLongNano("full", { blocks: 1, metadata: scaled("linear") });
  const { engine } = await openTokenEngine(path, { contextSize: 512, gpu: false });
  const text = "The lighthouse keeper counts gulls. ".repeat(1500);
  const promptTokens = engine.tokenize(text, false).length;
  await engine.close();
  expect(promptTokens).toBeGreaterThan(20_000);
  const model = await openEmbedded(path, { contextSize: promptTokens - 1, gpu: false });
  const prompt = { segments: [{ kind: "text" as const, text }] };
  const refusal: unknown = await complete(model, prompt).catch((error) => error);
  expect(refusal).toBeInstanceOf(ContextOverflowError);
  expect(refusal).toMatchObject({ promptTokens, contextSize: promptTokens - 1 });
  await model.close();
});

describe("131,072 tokens", () => {
  test.each<KvType>(["f16", "q8_0", "q4_0"])(
    "are chosen unasked, and take what was said, in %s",
    async (kvType) => {
      const path = join(folder, `memory-${kvType}.gguf`);
      await writeTinyGguf(path, { width: 64, heads: 2, blocks: 16, contextLength: WIDEST });
      const small = await openTokenEngine(path, { contextSize: 256, kvType, gpu: false });
      await greedyAnswer(small.engine, [1, 2, 3], 1);
      await small.engine.close();
      const before = process.memoryUsage.rss();
      const { engine, loaded } = await openTokenEngine(path, { kvType, gpu: false });
      await greedyAnswer(
        engine,
        Array.from({ length: 200 }, (_, i) => i),
        3,
      );
      const taken = process.memoryUsage.rss() - before;
      await engine.close();
      expect(loaded).toMatchObject({
        contextSize: WIDEST,
        trained: WIDEST,
        isAsked: false,
        kvType,
        gpuLayers: 0,
      });
      expect(taken / loaded.memory).toBeGreaterThan(0.7);
      expect(taken / loaded.memory).toBeLessThan(1.4);
    },
  );

  test("hold a prompt to their last token", async () => {
    const path = join(folder, "widest.gguf");
    await writeTinyGguf(path, { width: 8, heads: 1, blocks: 1, feedForward: 8, contextLength: WIDEST });
    const { engine, contextSize } = await openTokenEngine(path, { threads: 1, gpu: false });
    expect(contextSize).toBe(WIDEST);
    const prompt = Array.from({ length: WIDEST - 4 }, (_, i) => (i * 7 + ((i * i) % 31)) % 250);
    const { made, reason } = await greedyAnswer(engine, prompt, 4);
    expect(engine.evaluatedTokens).toBe(prompt.length + made.length - (reason === "length" ? 1 : 0));
    const [logprob] = await engine.score(prompt, [made[0]!.id], signal);
    expect(Math.abs(logprob! - made[0]!.logprob!)).toBeLessThan(ROUNDING);
    expect(engine.evaluatedTokens).toBeLessThanOrEqual(WIDEST);
    await engine.close();
  }, 600_000);
});
