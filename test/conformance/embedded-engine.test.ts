/**
 * What only the embedded engine can show, on a tiny model of random weights: counted evaluations, memory against
 * llama.cpp's own count, errors of opening.
 */
import { mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EmbeddedModel } from "../../src/engine/embedded/embedded-model.ts";
import { estimateMemory } from "../../src/engine/embedded/memory.ts";
import { readModelHeader } from "../../src/engine/embedded/model-header.ts";
import { openEmbedded, openTokenEngine } from "../../src/engine/embedded/open-embedded.ts";
import { promptRenderer } from "../../src/engine/embedded/prompt-renderer.ts";
import { tokenBytes } from "../../src/engine/embedded/token-bytes.ts";
import type { DecodeRequest, TokenEngine } from "../../src/engine/embedded/token-engine.ts";
import { ContextOverflowError, InputError } from "../../src/errors.ts";
import { string } from "../../src/gguf/metadata.ts";
import { readGguf } from "../../src/gguf/read-gguf.ts";
import type { Message } from "../../src/spec/message.ts";
import { ask, complete } from "./language-model.ts";
import { writeTinyGguf } from "./tiny-gguf.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-engine-"));
const path = join(folder, "tiny.gguf");
beforeAll(() => writeTinyGguf(path));
afterAll(() => rmSync(folder, { recursive: true }));

/** A model whose evaluations can be counted. */
async function openCounted(): Promise<{ model: EmbeddedModel; engine: TokenEngine }> {
  const { engine, header, contextSize } = await openTokenEngine(path);
  const render = promptRenderer(header);
  const bytesOf = tokenBytes(header);
  const model = new EmbeddedModel({
    name: "tiny",
    contextSize,
    engine,
    tokens: header.tokens,
    bytesOf,
    render,
  });
  return { model, engine };
}

describe("reuse of the KV cache, counted in evaluated tokens", () => {
  const greedy = { temperature: 0, topP: 1, topK: 0, minP: 0, repeatPenalty: 1, seed: 1 };
  const request = (prompt: readonly number[], maxTokens: number): DecodeRequest => ({
    prompt,
    maxTokens,
    sampling: greedy,
    grammar: undefined,
    topLogprobs: undefined,
    signal: new AbortController().signal,
  });

  test("token level: what follows a completion evaluates only what is new", async () => {
    const { engine } = await openTokenEngine(path);
    const prompt = Array.from({ length: 100 }, (_, i) => (i * 7) % 200);
    const made: number[] = [];
    await engine.decode(request(prompt, 5), ({ id }) => made.push(id) > 0);
    const answered = made.length;
    expect(engine.evaluatedTokens).toBe(prompt.length + answered - 1);
    const before = engine.evaluatedTokens;
    const extended = [...prompt, ...made, 11, 12, 13];
    const outcome = await engine.decode(request(extended, 1), () => true);
    // The last token of a completion is chosen and never evaluated: it is new as well.
    expect(outcome.reusedTokens).toBe(prompt.length + answered - 1);
    expect(engine.evaluatedTokens - before).toBe(4);
    await engine.close();
  });

  test("the two steps of a grounded answer: the second evaluates the first one's end and its own header", async () => {
    const { model, engine } = await openCounted();
    const messages: Message[] = [
      { role: "system", content: "Answer from the documents." },
      {
        role: "documents",
        content: '[{"doc_id": 0, "title": "т", "content": "Собаку зовут Жучка. "}]'.repeat(5),
      },
      { role: "user", content: "Как зовут собаку?" },
    ];
    const ids = await complete(model, { messages }, { temperature: 0, grammar: 'root ::= "[0, 1]"' });
    expect(ids.text).toBe("[0, 1]");
    const evaluated = engine.evaluatedTokens;
    const two = [...messages, { role: "assistant", content: ids.text }];
    const answer = await complete(model, { messages: two }, { temperature: 0.3, maxTokens: 1, seed: 1 });
    // What stands between the answers: ], <|eot_id|>, <|start_header_id|>, assistant, <|end_header_id|>, two line feeds.
    const fresh = engine.evaluatedTokens - evaluated;
    expect(fresh).toBe(answer.usage.promptTokens - answer.usage.reusedTokens);
    expect(answer.usage.reusedTokens).toBeGreaterThanOrEqual(
      ids.usage.promptTokens + ids.usage.completionTokens - 1,
    );
    expect(fresh).toBeLessThanOrEqual(1 + 3 + "assistant".length + 2);
    // Another question about the same documents evaluates the question.
    const other = messages.with(2, { role: "user", content: "А кошку?" });
    const again = await complete(model, { messages: other }, { temperature: 0, maxTokens: 1 });
    expect(again.usage.promptTokens - again.usage.reusedTokens).toBeLessThan(60);
    await model.close();
  });

  test("nothing is evaluated for a prompt that does not fit, nor for a wrong grammar", async () => {
    const { model, engine } = await openCounted();
    const long = ask("слово ".repeat(model.contextSize));
    await expect(complete(model, long)).rejects.toThrow(ContextOverflowError);
    await expect(complete(model, long)).rejects.toThrow(
      /the prompt has \d+ tokens and the context holds 1024/,
    );
    await expect(complete(model, ask("a"), { grammar: "root ::= [" })).rejects.toThrow(/no valid GBNF/);
    expect(engine.evaluatedTokens).toBe(0);
    await model.close();
  });

  test("an abort stops the prefill within a batch and the answer within a token", async () => {
    const { model, engine } = await openCounted();
    const controller = new AbortController();
    const long = ask("слово ".repeat(150));
    const running = complete(model, long, { signal: controller.signal });
    while (engine.evaluatedTokens === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    const { finishReason, usage } = await running;
    expect(finishReason).toBe("aborted");
    // Whatever was under way when the signal came, and one batch more.
    expect(engine.evaluatedTokens).toBeLessThan(usage.promptTokens);
    let pieces = 0;
    for await (const _ of model.generate(ask("a"), { temperature: 1, seed: 2 })) if (++pieces === 3) break;
    const evaluated = engine.evaluatedTokens;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(engine.evaluatedTokens).toBe(evaluated);
    await model.close();
  });

  test("a prompt and its completion fill the context to the last token, and no further", async () => {
    const engine = await openTokenEngine(path, { contextSize: 64 });
    const prompt = Array.from({ length: 60 }, (_, i) => i + 60);
    let count = 0;
    // A grammar without an end, since the model could end before.
    const endless = { ...request(prompt, 4), grammar: "root ::= [a-z]+ [.]" };
    const { reason } = await engine.engine.decode(endless, () => ++count > 0);
    expect([count, reason]).toEqual([4, "length"]);
    await engine.engine.close();
  });
});

describe("opening", () => {
  test("memory is estimated as llama.cpp allocates it", async () => {
    const { getLlama, LlamaLogLevel } = await import("node-llama-cpp");
    const library = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.disabled });
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

  test("names, contexts and their limits", async () => {
    const model = await openEmbedded(path, { contextSize: 100, name: "nano", threads: 1, gpu: false });
    expect([model.name, model.contextSize]).toEqual(["nano", 100]);
    await model.close();
    await expect(openEmbedded(path, { contextSize: 2000 })).rejects.toThrow(/trained for 2 to 1024 tokens/);
    await expect(openEmbedded(path, { threads: 0 })).rejects.toThrow(InputError);
    await expect(openEmbedded(join(folder, "absent.gguf"))).rejects.toThrow(
      /absent.gguf: there is no such file/,
    );
  });

  test("a truncated file, and one that llama.cpp refuses, are named with the reason", async () => {
    const cut = join(folder, "cut.gguf");
    await writeTinyGguf(cut);
    truncateSync(cut, 60_000);
    await expect(openEmbedded(cut)).rejects.toThrow(
      /cut.gguf: .*tensor .* ends at byte .* the file has 60000/,
    );
    const odd = join(folder, "odd.gguf");
    await writeTinyGguf(odd, { metadata: { "tokenizer.ggml.pre": string("unheard-of") } });
    await expect(openEmbedded(odd)).rejects.toThrow(
      /odd.gguf: llama.cpp could not load it: .*unknown pre-tokenizer type: 'unheard-of'/,
    );
  });

  test("messages need a chat template, segments do not", async () => {
    const bare = join(folder, "bare.gguf");
    await writeTinyGguf(bare, { metadata: { "tokenizer.chat_template": undefined } });
    const model = await openEmbedded(bare);
    await expect(complete(model, ask("a"))).rejects.toThrow(/has no chat template/);
    const segments = [{ kind: "text" as const, text: "Однажды" }];
    expect(
      (await complete(model, { segments }, { maxTokens: 2, temperature: 0 })).usage.promptTokens,
    ).toBeGreaterThan(2);
    await expect(complete(model, { segments: [] })).rejects.toThrow(/the prompt is empty/);
    await model.close();
  });
});
