/**
 * What only the embedded engine can show, on a tiny model of random weights: counted evaluations, and errors of opening.
 */
import { getEventListeners } from "node:events";
import { mkdtempSync, rmSync, truncateSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { layersOnGpu } from "../../src/engine/embedded/choose-device.ts";
import { EmbeddedModel } from "../../src/engine/embedded/embedded-model.ts";
import { openLlama } from "../../src/engine/embedded/llama.ts";
import { openEmbedded, openTokenEngine } from "../../src/engine/embedded/open-embedded.ts";
import { promptRenderer } from "../../src/engine/embedded/prompt-renderer.ts";
import { tokenBytes } from "../../src/engine/embedded/token-bytes.ts";
import { type DecodeRequest, TokenEngine } from "../../src/engine/embedded/token-engine.ts";
import { ContextOverflowError, InputError, OverloadedError } from "../../src/errors.ts";
import { string } from "../../src/gguf/metadata.ts";
import type {
  Alternative,
  GenerateChunk,
  GenerateOptions,
  LanguageModel,
} from "../../src/spec/language-model.ts";
import type { Message } from "../../src/spec/message.ts";
import { ask, complete } from "./language-model.ts";
import { writeTinyGguf } from "./tiny-gguf.ts";

/** Of blocks of 32 numbers only whole ones fit: the tiny model's heads are smaller. */
const NANO = join(import.meta.dirname, "../../models/nano.gguf");

const cores = availableParallelism();
const folder = mkdtempSync(join(tmpdir(), "vikhr-engine-"));
const path = join(folder, "tiny.gguf");
/** Whose batches of 512 take long enough to be called off: some 20 ms. */
const slow = join(folder, "slow.gguf");
beforeAll(async () => {
  await writeTinyGguf(path);
  await writeTinyGguf(slow, { width: 256, blocks: 6, feedForward: 768, contextLength: 2048 });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A model whose evaluations can be counted. */
async function openCounted(file = path): Promise<{ model: EmbeddedModel; engine: TokenEngine }> {
  const { engine, header, contextSize } = await openTokenEngine(file);
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

const greedy = { temperature: 0, topP: 1, topK: 0, minP: 0, repeatPenalty: 1, seed: 1 };
const numbers = (length: number, seed = 0) => Array.from({ length }, (_, i) => (i * 7 + 31 * seed) % 200);

function request(prompt: readonly number[], maxTokens: number): DecodeRequest {
  const signal = new AbortController().signal;
  return { prompt, maxTokens, sampling: greedy, grammar: undefined, topLogprobs: undefined, signal };
}

describe("reuse of the KV cache, counted in evaluated tokens", () => {
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
    const { model, engine } = await openCounted(slow);
    const controller = new AbortController();
    const long = ask("слово ".repeat(300));
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

  test("an abort ends a batch that is under way, and nothing of it stays", async () => {
    const llama = await openLlama(false);
    const decode = vi.spyOn(llama, "decode");
    const { engine } = await openTokenEngine(slow, { threads: 1 });
    const made: (number | undefined)[] = [];
    const answer = async (seed: number, signal = new AbortController().signal) => {
      const asked = { ...request(numbers(1000, seed), 3), topLogprobs: 0, signal };
      await engine.decode(asked, ({ logprob }) => made.push(logprob) > 0);
      return made.splice(0);
    };
    const before = await answer(0);
    // Some come between two batches; that none comes within one is not to be expected of any machine.
    let interrupted = 0;
    for (let i = 0; i < 50 && interrupted === 0; i++) {
      const controller = new AbortController();
      const running = answer(1 + i, controller.signal);
      for (let turn = 0; turn < 2 + i; turn++) await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      expect(await running).toEqual([]);
      const statuses = await Promise.all(decode.mock.results.map(({ value }) => value));
      interrupted = statuses.filter((status) => status === 2).length;
    }
    expect(interrupted).toBe(1);
    decode.mockRestore();
    // What is only remembered is given up for it, so that all is evaluated anew.
    await answer(98);
    await answer(99);
    const after = await answer(0);
    for (const [i, logprob] of after.entries()) expect(logprob).toBeCloseTo(before[i]!, 3);
    await engine.close();
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

describe("beam search", () => {
  const options = { beams: 4, lengthPenalty: 1, earlyStopping: false };

  test("streams the best of what it found, and is at least as likely as the greedy answer", async () => {
    const model = await openEmbedded(path);
    const prompt = ask("Как зовут собаку?");
    const pieces: string[] = [];
    let alternatives: Alternative[] = [];
    for await (const chunk of model.generate(prompt, { beamSearch: options, maxTokens: 12 })) {
      pieces.push(chunk.text);
      alternatives = chunk.alternatives ?? [];
    }
    expect(alternatives).toHaveLength(4);
    expect(pieces.join("")).toBe(alternatives[0]!.text);
    expect(alternatives.map(({ score }) => score)).toEqual(
      alternatives.map(({ score }) => score).toSorted((a, b) => b - a),
    );
    const [best] = alternatives;
    const logprobs = await model.score(prompt, best!.text);
    // A text that was cut, or whose end is no character, is not the tokens that it was made of.
    if (logprobs.length === 12)
      expect(logprobs.reduce((sum, { logprob }) => sum + logprob, 0)).toBeCloseTo(best!.logprob, 3);
    await model.close();
  });

  test("under a grammar all that it finds is of the grammar", async () => {
    const model = await openEmbedded(path);
    const grammar = 'root ::= "[" [0-9] (", " [0-9])* "]"';
    const [, , last] = await Promise.all([
      complete(model, ask("a"), { temperature: 1, maxTokens: 20, seed: 1 }),
      complete(model, ask("b"), { temperature: 1, maxTokens: 20, seed: 2 }),
      lastChunk(model, { beamSearch: options, grammar, maxTokens: 9 }),
    ]);
    for (const { text } of last.alternatives!) expect(text).toMatch(/^\[\d(, \d)*(, ?)?\]?$/);
    await model.close();
  });

  test("stops at a stop string and at a signal, and refuses what it cannot do", async () => {
    const model = await openEmbedded(path);
    // Sums are compared: a text is likelier than all that it is the beginning of.
    const beamSearch = { ...options, lengthPenalty: 0 };
    const whole = await lastChunk(model, { beamSearch, maxTokens: 10 });
    const stop = whole.alternatives![0]!.text.slice(2, 4);
    const { text, finishReason } = await complete(model, ask("c"), {
      beamSearch,
      maxTokens: 10,
      stop: [stop],
    });
    expect(finishReason).toBe("stop");
    expect(text).not.toContain(stop);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    const cut = await complete(model, ask("c"), { beamSearch: options, signal: controller.signal });
    expect(cut.finishReason).toBe("aborted");
    for (const wrong of [{ beams: 0 }, { beams: 17 }, { beams: 2, lengthPenalty: Number.NaN }])
      await expect(complete(model, ask("a"), { beamSearch: wrong })).rejects.toThrow(InputError);
    await model.close();
  });

  test("a stop string ends each text where it stands, and counts and scores it up to there", async () => {
    const model = await openEmbedded(path);
    const asked = { grammar: 'root ::= [a-d] "-xyz" [a-z ]{60}', stop: ["yz", "nothing"] };
    const drawn = await lastChunk(model, { ...asked, temperature: 0 });
    const found = await lastChunk(model, { ...asked, beamSearch: options });
    expect(found.finishReason).toBe("stop");
    expect(found.usage!.completionTokens).toBeLessThanOrEqual(6);
    expect(drawn.usage!.completionTokens).toBeLessThanOrEqual(6);
    for (const { text, logprob, score } of found.alternatives!) {
      expect(text).toMatch(/^[a-d]-x$/);
      const tokens = Math.round(logprob / score);
      expect(tokens).toBeLessThanOrEqual(6);
      expect(score).toBeCloseTo(logprob / tokens, 6);
    }
    await model.close();
  });

  test("is aborted by a signal and by the model's end, whatever it had found until then", async () => {
    const model = await openEmbedded(path);
    for (const isClosed of [false, true]) {
      const controller = new AbortController();
      const asked = {
        beamSearch: { beams: 4, lengthPenalty: 2 },
        // The end is among the likeliest from the second token on.
        grammar: 'root ::= "a" "a"{0,200}',
        signal: controller.signal,
      };
      let text = "";
      let last: GenerateChunk | undefined;
      for await (const chunk of model.generate(ask("c"), asked)) {
        if (text === "" && isClosed) void model.close();
        else if (text === "") controller.abort();
        text += chunk.text;
        last = chunk;
      }
      expect(last).toMatchObject({ finishReason: "aborted", alternatives: [] });
      expect(last!.usage!.completionTokens).toBeGreaterThan(0);
      expect(text.length).toBeLessThan(100);
    }
  });

  test("ends where the context has no cells for the beams, with what it has", async () => {
    const model = await openEmbedded(path, { contextSize: 256 });
    const last = await lastChunk(model, { beamSearch: options, grammar: "root ::= [a-z]{900}" });
    expect(last.finishReason).toBe("length");
    expect(last.alternatives).toHaveLength(4);
    expect(last.usage!.completionTokens).toBeGreaterThan(10);
    await model.close();
  });

  test("what is refused leaves no listener on the caller's signal", async () => {
    const { engine } = await openTokenEngine(path);
    const controller = new AbortController();
    const listener = { completesStop: () => false, onSettled: () => {} };
    const request = { prompt: [1, 2], grammar: "root := [", signal: controller.signal };
    await expect(engine.beamSearch(request, { ...options, maxTokens: 3 }, listener)).rejects.toThrow(/GBNF/);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    await engine.close();
  });

  test("more beams than the model writes texts at once are an error", async () => {
    const narrow = await openEmbedded(path, { parallel: 2 });
    await expect(lastChunk(narrow, { beamSearch: options })).rejects.toThrow(/writes 2 texts at once/);
    await narrow.close();
  });

  async function lastChunk(model: LanguageModel, options: GenerateOptions): Promise<GenerateChunk> {
    let last: GenerateChunk | undefined;
    for await (const chunk of model.generate(ask("c"), options)) last = chunk;
    return last!;
  }
});

test("a KV cache of 8 and of 4 bits answers much as one of 16 does", async () => {
  const prompt = numbers(120);
  const completion = numbers(20, 3);
  const scores: number[] = [];
  for (const kvType of ["f16", "q8_0", "q4_0"] as const) {
    const { engine } = await openTokenEngine(NANO, { kvType });
    const logprobs = await engine.score(prompt, completion, new AbortController().signal);
    scores.push(logprobs.reduce((sum, one) => sum + one, 0) / logprobs.length);
    await engine.close();
  }
  expect(Math.abs(scores[1]! - scores[0]!)).toBeLessThan(0.05);
  expect(Math.abs(scores[2]! - scores[0]!)).toBeLessThan(0.5);
  expect(new Set(scores).size).toBe(3);
});

describe("many at once", () => {
  test("each token is as likely as it is alone, though a third of the others are called off", async () => {
    const { engine } = await openTokenEngine(path);
    const prompts = Array.from({ length: 40 }, (_, i) => numbers(5 + ((i * 13) % 90), i));
    const answers = await Promise.all(
      prompts.map(async (prompt, i) => {
        const controller = new AbortController();
        const made: { id: number; logprob?: number }[] = [];
        const asked = { ...request(prompt, 12), topLogprobs: 0, signal: controller.signal };
        await engine.decode(asked, (token) => {
          made.push(token);
          if (i % 3 === 0 && made.length === i % 5) controller.abort();
          return true;
        });
        return made;
      }),
    );
    for (const [i, made] of answers.entries()) {
      const signal = new AbortController().signal;
      const alone = await engine.score(
        prompts[i]!,
        made.map(({ id }) => id),
        signal,
      );
      // Sums of other lengths are rounded otherwise; another stream's would be nowhere near.
      for (const [at, { logprob }] of made.entries())
        expect(Math.abs(logprob! - alone[at]!)).toBeLessThan(0.05);
    }
    await engine.close();
  });

  test("seven answers to one prompt evaluate it once", async () => {
    const { engine } = await openTokenEngine(path);
    const prompt = numbers(300);
    let made = 0;
    const sampling = { ...greedy, temperature: 1 };
    await Promise.all(
      Array.from({ length: 7 }, (_, seed) =>
        engine.decode({ ...request(prompt, 5), sampling: { ...sampling, seed } }, () => ++made > 0),
      ),
    );
    const halfBatch = 32;
    expect(engine.evaluatedTokens).toBeLessThanOrEqual(300 + made + 7 * halfBatch);
    await engine.close();
  });

  test("more than may wait are refused", async () => {
    const model = await openEmbedded(path, { parallel: 1 });
    const all = await Promise.allSettled(
      Array.from({ length: 300 }, (_, seed) => complete(model, ask("a"), { maxTokens: 1, seed })),
    );
    const refused = all.filter((one) => one.status === "rejected");
    expect(refused.length).toBeGreaterThan(20);
    for (const one of refused) expect(one.reason).toBeInstanceOf(OverloadedError);
    await model.close();
  });
});

describe("opening", () => {
  test("as many blocks on a GPU as fit there", () => {
    const gpu = (free: number, isUnified = false) => ({ free, total: free, isUnified });
    expect(layersOnGpu(32, 6e9, undefined)).toBe(0);
    expect(layersOnGpu(32, 6e9, gpu(24e9))).toBe(33);
    expect(layersOnGpu(32, 6e9, gpu(3e9))).toBe(14);
    expect(layersOnGpu(32, 6e9, gpu(0))).toBe(0);
    expect(layersOnGpu(32, 6e9, gpu(1e9, true))).toBe(33);
  });

  test("names, contexts and their limits", async () => {
    const model = await openEmbedded(path, { contextSize: 100, name: "nano", threads: 1, gpu: false });
    expect([model.name, model.contextSize]).toEqual(["nano", 100]);
    await model.close();
    await expect(openEmbedded(path, { contextSize: 2000 })).rejects.toThrow(/trained for 2 to 1024 tokens/);
    await expect(openEmbedded(join(folder, "absent.gguf"))).rejects.toThrow(
      /absent.gguf: there is no such file/,
    );
  });

  test.each<[options: object, says: string]>([
    ...[0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 129, "16", null].map(
      (parallel): [object, string] => [
        { parallel },
        `parallel is ${parallel} and must be a whole number between 1 and 128`,
      ],
    ),
    ...["f32", "toString", null].map((kvType): [object, string] => [
      { kvType },
      `kvType is ${kvType} and must be one of f16, q4_0, q8_0`,
    ]),
    ...[0, 1.5, cores + 1, Number.NaN, "1", null].map((threads): [object, string] => [
      { threads },
      `threads is ${threads} and must be a whole number from 1 to ${cores}, as many as this machine has cores`,
    ]),
    ...[0, 1.5, Number.NaN, "512"].map((contextSize): [object, string] => [
      { contextSize },
      `the context size is ${contextSize} and ${path} was trained for 2 to 1024 tokens`,
    ]),
  ])("%o is refused in one line that says what may be", async (options, says) => {
    const error = await openEmbedded(path, options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain(says);
    expect((error as Error).message).not.toContain("\n");
  });

  test("as many answers at once as may be, in any context", async () => {
    for (const contextSize of [2, 1024]) {
      const model = await openEmbedded(path, { parallel: 128, contextSize, threads: 1, gpu: false });
      const segments = [{ kind: "text" as const, text: "a" }];
      await complete(model, { segments }, { maxTokens: 1 });
      await model.close();
    }
  });

  test("a model whose listener throws is closed again", async () => {
    const close = vi.spyOn(TokenEngine.prototype, "close");
    onTestFinished(() => close.mockRestore());
    const reason = new Error("not that one");
    const onLoad = () => {
      throw reason;
    };
    await expect(openEmbedded(path, { onLoad })).rejects.toBe(reason);
    expect(close).toHaveBeenCalledOnce();
    await expect(close.mock.results[0]!.value).resolves.toBeUndefined();
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
