/**
 * What node-llama-cpp's own interface says of the same model: its probabilities, the memory that it counts, and what a reranker says. In a file, and so a process, of its own: starting
 * the library a second time takes the log away from the first.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ControlledEvaluateInputItem } from "node-llama-cpp";
import { expect, onTestFinished, test } from "vitest";
import { mostLikely } from "../../src/engine/embedded/decoding/logprobs.ts";
import { estimateMemory } from "../../src/engine/embedded/memory.ts";
import { readModelHeader } from "../../src/engine/embedded/model-header.ts";
import { openTokenEngine } from "../../src/engine/embedded/open-embedded.ts";
import { openEmbeddedReward } from "../../src/engine/embedded/pooled/open-reward.ts";
import { readGguf } from "../../src/gguf/read-gguf.ts";
import { TINY_ENCODER_WIDTH, wave, writeTinyEncoder } from "./embedding/tiny-encoder-gguf.ts";
import { writeTinyGguf } from "./tiny-gguf.ts";

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "vikhr-library-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function startLibrary() {
  const { getLlama, LlamaLogLevel } = await import("node-llama-cpp");
  return getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.disabled });
}

test("log-probabilities are those of the library's own full distribution, and sum to one", async () => {
  const folder = emptyFolder();
  const path = join(folder, "tiny.gguf");
  await writeTinyGguf(path);
  const { engine, header } = await openTokenEngine(path, { contextSize: 256, threads: 1, gpu: false });
  const ids = Array.from(engine.tokenize("Привет, мир", false));
  const vocabulary = header.tokens.map((_, id) => id);
  const ours: number[] = [];
  for (const id of vocabulary) ours.push((await engine.score(ids, [id], new AbortController().signal))[0]!);
  expect(ours.reduce((sum, l) => sum + Math.exp(l), 0)).toBeCloseTo(1, 5);
  const top = mostLikely(Float32Array.from(ours), 20);
  const sorted = vocabulary.toSorted((a, b) => ours[b]! - ours[a]!);
  expect(top.map((t) => t.id)).toEqual(sorted.slice(0, 20));
  for (const { id, logprob } of top) expect(logprob).toBeCloseTo(ours[id]!, 5);
  await engine.close();

  // The library's public interface, on a context of its own.
  const library = await startLibrary();
  const model = await library.loadModel({ modelPath: path });
  const context = await model.createContext({ contextSize: 256, threads: 1 });
  const options = { generateNext: { probabilities: true, options: { temperature: 0, topK: 0, topP: 1 } } };
  const input = ids.map((id, i) =>
    i === ids.length - 1 ? [id, options] : id,
  ) as ControlledEvaluateInputItem[];
  const output = (await context.getSequence().controlledEvaluate(input)).at(-1);
  const theirs = output!.next.probabilities!;
  expect(theirs.size).toBe(vocabulary.length);
  for (const [id, p] of theirs) expect(Math.abs(ours[id]! - Math.log(p))).toBeLessThan(1e-4);
  await model.dispose();
});

test("memory is estimated as llama.cpp allocates it", async () => {
  const folder = emptyFolder();
  const library = await startLibrary();
  for (const [width, extraTokens, contextSize, batchSize] of [
    [128, 0, 1024, 512],
    [64, 8000, 1024, 512],
    [128, 0, 8192, 64],
  ] as const) {
    const other = join(folder, `memory-${width}-${contextSize}.gguf`);
    await writeTinyGguf(other, {
      width,
      blocks: 3,
      feedForward: 3 * width,
      extraTokens,
      contextLength: 8192,
    });
    const header = readModelHeader(readGguf(other));
    const { kvCache, compute } = estimateMemory(header, { contextSize, batchSize });
    const model = await library.loadModel({ modelPath: other });
    const context = await model.createContext({ contextSize, batchSize, threads: 1 });
    const counted = (context as unknown as { _ctx: { getMemoryBreakdown(): { cpuRam: number } } })._ctx;
    const ratio = (kvCache + compute) / counted.getMemoryBreakdown().cpuRam;
    expect(ratio).toBeGreaterThan(0.9);
    expect(ratio).toBeLessThan(1.2);
    await model.dispose();
  }
});

test.each(["bert", "xlm-roberta"] as const)(
  "a reranker (%s) rates pairs as the library does",
  async (kind) => {
    const path = join(emptyFolder(), "reranker.gguf");
    const width = TINY_ENCODER_WIDTH;
    const head = [
      wave("cls.weight", width, width),
      { ...wave("cls.bias", width, 1), shape: [width] },
      wave("cls.output.weight", width, 1),
      { ...wave("cls.output.bias", 1, 1), shape: [1] },
    ];
    await writeTinyEncoder(path, { kind, pooling: 4, head, hasBlocks: true });
    const question = "где собака";
    const answers = ["cat", "собака, dog", "кошка и собака", "a"];
    const ours = await openEmbeddedReward(path, { threads: 1, gpu: false });
    const prompt = { messages: [{ role: "user" as const, content: question }] };
    const rewards = await Promise.all(answers.map((answer) => ours.score(prompt, answer)));
    await ours.close();

    const library = await startLibrary();
    const model = await library.loadModel({ modelPath: path });
    const context = await model.createRankingContext({ contextSize: 64, threads: 1 });
    for (const [i, answer] of answers.entries()) {
      // The library puts one token between the texts and, without `eos`, none behind them.
      const { eos, sep } = model.tokens;
      const [first, second] = [model.tokenize(question), model.tokenize(answer)];
      const theirs = await (eos === null
        ? context.rank(first, [...second, sep!])
        : context.rank([...first, eos], second));
      expect(Math.abs(1 / (1 + Math.exp(-rewards[i]!)) - theirs)).toBeLessThan(1e-4);
    }
    expect(Math.max(...rewards) - Math.min(...rewards)).toBeGreaterThan(0.01);
    await model.dispose();
  },
);
