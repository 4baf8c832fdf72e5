/**
 * A model trained here and exported, in the engine: the embedded llama.cpp gives its tokens the log-probabilities
 * that our own graph gives them, for every number format; and training goes on from the file.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ControlledEvaluateInputItem, Token } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEmbedded, openTokenEngine } from "../../src/engine/embedded/open-embedded.ts";
import { metadataNumber, metadataString, string } from "../../src/gguf/metadata.ts";
import { readGguf } from "../../src/gguf/read-gguf.ts";
import { batchInputs, batchLeaves, llamaLogprobs } from "../../src/model/llama.ts";
import { readLlamaConfig } from "../../src/model/llama-config.ts";
import { loadLlama, saveLlama } from "../../src/model/llama-gguf.ts";
import { llamaParameters } from "../../src/model/llama-parameters.ts";
import { type GgmlBackend, openGgmlBackend } from "../../src/tensor/ggml/backend.ts";
import { DEFAULT_CHAT_TEMPLATE } from "../../src/tokenizer/chat-template.ts";
import { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { writeBatch } from "../../src/train/loop.ts";
import { rowPacker } from "../../src/train/pack.ts";
import { runSft } from "../../src/train/run-sft.ts";
import { sft } from "../../src/train/sft.ts";
import { parameterGap, parametersOf, tinySettings, writeTinyVocabulary } from "../trajectories/tiny-run.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-export-"));
const QUESTION = [{ role: "user", content: "Сколько ног у паука? How many legs?" }];
const ANSWER = "У паука восемь ног. A spider has eight legs.";
let backend: GgmlBackend;

/** 30 steps: no token's distribution is flat any more. */
const settings = {
  ...tinySettings(folder, "run", { max_steps: 30, model_name: "Tiny export" }),
  fresh_model: { ...tinySettings(folder, "run").fresh_model!, hidden_size: 64, intermediate_size: 96 },
};
const trained = join(settings.output_dir, "model.gguf");

beforeAll(async () => {
  await writeTinyVocabulary(folder);
  backend = await openGgmlBackend();
  await runSft(settings, backend);
});
afterAll(() => {
  backend.close();
  rmSync(folder, { recursive: true });
});

/** The dialogue as training sees it, and from our graph: the log-probability of each next token, and the best one. */
async function ours(path: string) {
  const file = readGguf(path);
  const config = readLlamaConfig(file);
  const parameters = llamaParameters(config);
  const method = sft({ tokenizer: new Tokenizer(file), chatTemplate: DEFAULT_CHAT_TEMPLATE });
  const [sequence] = method.encode([{ messages: [...QUESTION, { role: "assistant", content: ANSWER }] }]);
  const { ids, weights } = sequence!;
  const inputs = batchInputs(1, ids.length);
  backend.allocate([...parameters.all, ...batchLeaves(inputs)]);
  loadLlama(file, parameters, backend);
  const source = { length: 1, total: 1, cluster: () => [sequence!] };
  const packed = rowPacker(source, { rowCount: 1, length: ids.length })();
  writeBatch(backend, inputs, packed.rows, config.vocabularySize);
  const { next: result } = llamaLogprobs(config, parameters, inputs);
  const logits = result.inputs[0]!;
  const program = backend.compile([[logits, result]]);
  await program.run(0);
  const [scores, all] = [program.read(result), program.read(logits)];
  program.close();
  const best = Array.from({ length: ids.length - 1 }, (_, i) => {
    const row = all.subarray(i * config.vocabularySize, (i + 1) * config.vocabularySize);
    return row.indexOf(Math.max(...row));
  });
  return { ids: [...ids], weights, logprobs: [...scores.subarray(0, ids.length - 1)], best };
}

/** The same of llama.cpp. */
async function theirs(path: string, ids: number[]) {
  const { engine } = await openTokenEngine(path, { contextSize: 256, gpu: false });
  const { signal } = new AbortController();
  const logprobs = await engine.score([ids[0]!], ids.slice(1), signal);
  const best: number[] = [];
  const sampling = { temperature: 0, topP: 1, topK: 0, minP: 0, repeatPenalty: 1, seed: 0 };
  for (let n = 1; n < ids.length; n++) {
    const request = {
      prompt: ids.slice(0, n),
      maxTokens: 1,
      sampling,
      grammar: undefined,
      topLogprobs: 1,
      signal,
    };
    // Nothing is reported where the best token ends the turn.
    let found = -1;
    await engine.decode(request, ({ top }) => {
      found = top![0]!.id;
      return true;
    });
    best.push(found);
  }
  await engine.close();
  return { logprobs, best };
}

const gap = (a: number[], b: number[]) => Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));

async function exported(type: "F32" | "F16" | "Q8_0"): Promise<string> {
  const file = readGguf(trained);
  const config = readLlamaConfig(file);
  const parameters = llamaParameters(config);
  backend.allocate(parameters.all);
  loadLlama(file, parameters, backend);
  const path = join(folder, `${type}.gguf`);
  const tokenizer = new Map([...file.metadata].filter(([key]) => key.startsWith("tokenizer.")));
  const general = new Map([["general.license", string("apache-2.0")]]);
  await saveLlama(path, config, parameters, backend, { type, name: `Tiny ${type}`, tokenizer, general });
  return path;
}

describe("llama.cpp agrees with our graph", () => {
  // llama.cpp keeps keys and values as F16, which alone moves these log-probabilities by some 1e-3: see below.
  test.each([
    { type: "F32" as const, bound: 5e-3, share: 1, fileType: 0 },
    { type: "F16" as const, bound: 1e-2, share: 0.97, fileType: 1 },
    { type: "Q8_0" as const, bound: 0.1, share: 0.9, fileType: 7 },
  ])("$type", async ({ type, bound, share, fileType }) => {
    const path = await exported(type);
    const file = readGguf(path);
    expect(metadataString(file, "general.architecture")).toBe("llama");
    expect(metadataString(file, "general.name")).toBe(`Tiny ${type}`);
    expect(metadataString(file, "general.license")).toBe("apache-2.0");
    expect(metadataNumber(file, "general.file_type")).toBe(fileType);
    expect(metadataString(file, "tokenizer.chat_template")).toBe(DEFAULT_CHAT_TEMPLATE);
    // Against the weights before they were rounded.
    const graph = await ours(trained);
    const engine = await theirs(path, graph.ids);
    expect(gap(engine.logprobs, graph.logprobs)).toBeLessThan(bound);
    const told = engine.best.flatMap((id, i) => (id < 0 ? [] : [id === graph.best[i]]));
    expect(told.length).toBeGreaterThan(graph.ids.length / 2);
    expect(told.filter(Boolean).length / told.length).toBeGreaterThanOrEqual(share);
  });

  test("to 1e-4, where it keeps keys and values as F32", async () => {
    const { ids, logprobs } = await ours(trained);
    const { getLlama, LlamaLogLevel } = await import("node-llama-cpp");
    const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.disabled });
    const model = await llama.loadModel({ modelPath: trained });
    const context = await model.createContext({
      contextSize: 256,
      threads: 1,
      flashAttention: false,
      experimentalKvCacheKeyType: "F32",
      experimentalKvCacheValueType: "F32",
    });
    const options = { generateNext: { probabilities: true, options: { temperature: 0, topK: 0, topP: 1 } } };
    const input = ids.slice(0, -1).map((id) => [id, options]) as ControlledEvaluateInputItem[];
    const output = await context.getSequence().controlledEvaluate(input);
    const found = output.map((item, i) => Math.log(item!.next.probabilities!.get(ids[i + 1] as Token)!));
    await model.dispose();
    expect(gap(found, logprobs)).toBeLessThan(1e-4);
  });

  test("through its chat template as well", async () => {
    const { ids, weights, logprobs } = await ours(trained);
    const model = await openEmbedded(trained, { contextSize: 256, gpu: false });
    const scores = await model.score({ messages: QUESTION }, ANSWER);
    await model.close();
    // Our weights mark the answer and the token that ends its turn, which `score` was not asked for.
    const answer = logprobs.filter((_, i) => weights[i + 1] === 1).slice(0, -1);
    expect(scores).toHaveLength(answer.length);
    expect(
      gap(
        answer,
        scores.map((s) => s.logprob),
      ),
    ).toBeLessThan(5e-3);
    // The first letter is two tokens, each half a character.
    expect(scores.map((s) => s.text).join("")).toContain(ANSWER.slice(1));
    expect(ids.length).toBeGreaterThan(answer.length);
  });
});

describe("training goes on from the file", () => {
  test("the weights come back as they were", async () => {
    const again = { ...settings, output_dir: join(folder, "again"), model_name_or_path: trained };
    const { fresh_model: _, tokenizer: __, ...base } = again;
    // A step that is too small to change any f32.
    await runSft({ ...base, max_steps: 1, learning_rate: 1e-30, model_name: "Tiny again" }, backend);
    expect(parameterGap(parametersOf(again), parametersOf(settings))).toBe(0);
    const file = readGguf(join(again.output_dir, "model.gguf"));
    expect(metadataString(file, "general.name")).toBe("Tiny again");
    expect(metadataString(file, "general.base_model.0.name")).toBe("Tiny export");
    expect(metadataString(file, "tokenizer.chat_template")).toBe(DEFAULT_CHAT_TEMPLATE);
    expect((await ours(file.path)).logprobs).toEqual((await ours(trained)).logprobs);
  });

  test.each(["F16", "Q8_0"] as const)("from %s, with the rounding of that format", async (type) => {
    const { logprobs } = await ours(await exported(type));
    expect(gap(logprobs, (await ours(trained)).logprobs)).toBeLessThan(type === "F16" ? 1e-2 : 0.1);
  });
});
