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
import { BATCH_SIZE } from "../../src/engine/embedded/choose-device.ts";
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
/** Of log-probabilities by two ways from the same logits. */
const ROUNDING = 1e-4;

const folder = mkdtempSync(join(tmpdir(), "vikhr-long-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** nano with 32,768 tokens, and weights of 32 bits: those of 8 round what they are multiplied by. */
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

interface Plain {
  contextSize: number;
  kvType: KvType;
  /** Positions of the prompt whose distribution is wanted. */
  at: readonly number[];
}

/**
 * llama.cpp's log-probabilities of what may follow, by position: the prompt in one go, then each token of the answer by
 * itself, as it comes to be in a generation. Other batches go through other kernels, which round otherwise.
 */
async function plainLogprobs(
  path: string,
  prompt: readonly number[],
  answer: readonly number[],
  { contextSize, kvType, at }: Plain,
): Promise<Map<number, Map<number, number>>> {
  const { getLlama, LlamaLogLevel } = await import("node-llama-cpp");
  const library = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.disabled });
  const model = await library.loadModel({ modelPath: path });
  const type = kvType === "f16" ? "F16" : kvType === "q8_0" ? "Q8_0" : "Q4_0";
  const context = await model.createContext({
    contextSize,
    sequences: 1,
    threads: 1,
    batchSize: BATCH_SIZE,
    flashAttention: true,
    experimentalKvCacheKeyType: type,
    experimentalKvCacheValueType: type,
  });
  const sequence = context.getSequence();
  const found = new Map<number, Map<number, number>>();
  const evaluate = async (tokens: readonly number[], wanted: readonly number[], from: number) => {
    const options = { generateNext: { probabilities: true, options: { temperature: 0, topK: 0, topP: 1 } } };
    const input = tokens.map((id, i) => (wanted.includes(from + i) ? [id, options] : id));
    const output = await sequence.controlledEvaluate(input as ControlledEvaluateInputItem[]);
    for (const position of wanted) {
      const probabilities = [...output[position - from]!.next.probabilities!];
      found.set(position, new Map(probabilities.map(([id, p]) => [id, Math.log(p)])));
    }
  };
  await evaluate(prompt, at, 0);
  for (const [i, id] of answer.entries()) await evaluate([id], [prompt.length + i], prompt.length + i);
  await model.dispose();
  return found;
}

/** Statements about things that do not exist, in both languages, one after another: at least `length` tokens. */
function textOf(engine: TokenEngine, length: number, needle?: string): number[] {
  const tokens: number[] = [];
  const rows = generateDialogues({ seed: 3, documents: [1, 1] });
  let last = "";
  let next = 0.1;
  while (tokens.length < length) {
    const { messages } = rows.next().value;
    const { content } = messages.find(({ role }) => role === "documents") ?? messages[0]!;
    if (content === last) continue;
    last = content;
    tokens.push(...Array.from(engine.tokenize(`${content}\n`, false)));
    if (needle === undefined || tokens.length < next * length) continue;
    tokens.push(...Array.from(engine.tokenize(`${needle}\n`, false)));
    next += 0.2;
  }
  return tokens.slice(0, length);
}

/** The tokens of a greedy answer that follow these positions are the likeliest, and as likely, by llama.cpp's own. */
function expectGreedy(
  made: readonly { id: number; logprob?: number }[],
  plain: ReadonlyMap<number, ReadonlyMap<number, number>>,
  from: number,
): void {
  for (const [i, { id, logprob }] of made.entries()) {
    const theirs = plain.get(from + i)!;
    expect(theirs.get(id)).toBe(Math.max(...theirs.values()));
    expect(Math.abs(logprob! - theirs.get(id)!)).toBeLessThan(ROUNDING);
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
    const answer = made.slice(0, -1).map(({ id }) => id);
    const plain = await plainLogprobs(path, prompt, answer, { contextSize: 2048, kvType, at: [LENGTH - 1] });
    expectGreedy(made, plain, LENGTH - 1);
    first.set(`${scaling} ${kvType}`, made[0]!.logprob!);
  });

  test("each scaling and each kind of cache says something else", () => {
    const all = [...first.values()].sort((a, b) => a - b);
    expect(all).toHaveLength(6);
    for (let i = 1; i < all.length; i++) expect(all[i]! - all[i - 1]!).toBeGreaterThan(100 * ROUNDING);
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
  // Each token of the text after the first thousand: within the length of training, beyond it, and far beyond.
  const START = 1000;
  const ours = await engine.score(prompt.slice(0, START), prompt.slice(START), signal);
  const { made, reusedTokens } = await greedyAnswer(engine, prompt, 6);
  expect(reusedTokens).toBe(length - 1);
  const other = prompt.with(length - 1, prompt[length - 2]!);
  expect((await greedyAnswer(engine, other, 1)).reusedTokens).toBe(length - 1);
  expect(engine.evaluatedTokens).toBeLessThan(length + made.length + 2);
  await engine.close();

  const at = [START, 4000, 4200, 9000, 17_000, 25_000, 32_000];
  const answer = [prompt.at(-1)!, ...made.slice(0, -1).map(({ id }) => id)];
  const plain = await plainLogprobs(path, prompt.slice(0, -1), answer, {
    contextSize: WIDE,
    kvType: "f16",
    at,
  });
  for (const position of at) {
    const theirs = plain.get(position)!.get(prompt[position + 1]!)!;
    expect(Math.abs(ours[position + 1 - START]! - theirs)).toBeLessThan(ROUNDING);
  }
  expectGreedy(made, plain, length - 1);
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
      // Room for the mask of a batch over all cells is reserved; of cells that no token fills it is not touched.
      const touched = loaded.memory - 2 * BATCH_SIZE * WIDEST;
      expect(taken / touched).toBeGreaterThan(0.7);
      expect(taken / touched).toBeLessThan(1.4);
    },
  );

  test("hold a prompt to their last token", async () => {
    const path = join(folder, "widest.gguf");
    // Heads as wide as this go through blocks of 64 tokens: those of 8 take twenty times as long.
    await writeTinyGguf(path, { width: 32, heads: 1, blocks: 1, feedForward: 32, contextLength: WIDEST });
    const { engine, contextSize } = await openTokenEngine(path, { threads: 1, gpu: false });
    expect(contextSize).toBe(WIDEST);
    const prompt = Array.from({ length: WIDEST - 4 }, (_, i) => (i * 7 + ((i * i) % 31)) % 250);
    const { made, reason } = await greedyAnswer(engine, prompt, 4);
    expect(engine.evaluatedTokens).toBe(prompt.length + made.length - (reason === "length" ? 1 : 0));
    expect((await greedyAnswer(engine, prompt, 1)).reusedTokens).toBe(prompt.length - 1);
    await engine.close();
  }, 600_000);
});
