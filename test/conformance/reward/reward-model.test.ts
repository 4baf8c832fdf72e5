/** Reward models in the embedded engine, on tiny files: what they say, what is evaluated for it, and hostile headers. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEmbedded, openTokenEngine } from "../../../src/engine/embedded/open-embedded.ts";
import type { EmbeddedReward } from "../../../src/engine/embedded/pooled/embedded-reward.ts";
import { openEmbeddedReward } from "../../../src/engine/embedded/pooled/open-reward.ts";
import { ContextOverflowError, InputError, OverloadedError } from "../../../src/errors.ts";
import { f32, type GgufValue, i32s, string, u32 } from "../../../src/gguf/metadata.ts";
import { rewardHeadMetadata } from "../../../src/model/reward-head.ts";
import type { Prompt } from "../../../src/spec/language-model.ts";
import type { Message, Segment } from "../../../src/spec/message.ts";
import { DEFAULT_CHAT_TEMPLATE, renderChat } from "../../../src/tokenizer/chat-template.ts";
import { mapConcurrently } from "../../../src/util/map-concurrently.ts";
import { writeTinyEncoder } from "../embedding/tiny-encoder-gguf.ts";
import { writeTinyGguf } from "../tiny-gguf.ts";
import { plainLlama } from "./plain-llama.ts";

const WIDTH = 32;
/** No state is longer than the root of the width, so that no reward is further from the bias than 1. */
const head = {
  weight: Float32Array.from({ length: WIDTH }, (_, i) => (Math.sin(1 + 3 * i) * Math.SQRT2) / WIDTH),
  bias: 0.25,
};
/** Keys and values are kept in half precision, and below 64 tokens a batch llama.cpp sums them in it. */
const TOLERANCE = 3e-4;
/** Of two sums over hundreds of tokens, each from batches of other sizes. */
const LONG_TOLERANCE = 2e-3;
const CPU = { gpu: false, threads: 1 } as const;

const folder = mkdtempSync(join(tmpdir(), "vikhr-reward-"));
const path = join(folder, "tiny.gguf");
let model: EmbeddedReward;
beforeAll(async () => {
  await writeTinyGguf(path, { metadata: Object.fromEntries(rewardHeadMetadata(head)) });
  model = await openEmbeddedReward(path, CPU);
}, 120_000);
afterAll(async () => {
  await model?.close();
  rmSync(folder, { recursive: true });
});

const question = (content: string): { messages: Message[] } => ({ messages: [{ role: "user", content }] });
const LONG = "Что было первое, а что второе слово? The other one, that is there, and what follows. ".repeat(
  8,
);

describe("a language model with a head", () => {
  test("says what the plain forward pass does of the whole dialogue, with the end of the turn", async () => {
    const { engine } = await openTokenEngine(path, { ...CPU, contextSize: 256 });
    const state = plainLlama(path);
    const expected = (segments: readonly Segment[]) => {
      const tokens = segments.flatMap(({ kind, text }) => [...engine.tokenize(text, kind === "control")]);
      if (engine.prependsBos && tokens[0] !== engine.bos) tokens.unshift(engine.bos!);
      return state(tokens).reduce((sum, value, i) => sum + value * head.weight[i]!, head.bias);
    };
    const rewards: number[] = [];
    for (const [prompt, completion] of [
      ["Кто?", "Никто."],
      ["Кто?", "<|eot_id|>"],
      ["What is the other one?", "это первое, второе и третье слово"],
      [LONG.slice(0, 60), ""],
    ] as const) {
      const { messages } = question(prompt);
      const whole: Message[] = [...messages, { role: "assistant", content: completion }];
      const reward = await model.score({ messages }, completion);
      const options = { addGenerationPrompt: false };
      expect(Math.abs(reward - expected(renderChat(DEFAULT_CHAT_TEMPLATE, whole, options)))).toBeLessThan(
        TOLERANCE,
      );
      const segments: Segment[] = [{ kind: "text", text: prompt }];
      const plain = await model.score({ segments }, completion);
      const rest: Segment = { kind: "text", text: completion };
      expect(Math.abs(plain - expected([...segments, rest]))).toBeLessThan(TOLERANCE);
      rewards.push(reward, plain);
    }
    // They differ by more than what is tolerated.
    expect(Math.max(...rewards) - Math.min(...rewards)).toBeGreaterThan(0.1);
    await engine.close();
  });

  test("many at once get what each gets alone, in few batches", async () => {
    const pairs = Array.from({ length: 60 }, (_, i): [Prompt, string] => [
      question(`${i} это ${LONG.slice(i, 2 * i)}`),
      LONG.slice(0, 7 * (i % 9)),
    ]);
    const alone: number[] = [];
    for (const pair of pairs) alone.push(await model.score(...pair));
    const other = await openEmbeddedReward(path, CPU);
    const together = await Promise.all(pairs.map((pair) => other.score(...pair)));
    for (const [i, reward] of together.entries())
      expect(Math.abs(reward - alone[i]!)).toBeLessThan(2 * TOLERANCE);
    const { tokens, batches } = other.evaluated;
    // Full ones of 64, but for the first and the last.
    expect(batches).toBeLessThanOrEqual(Math.ceil(tokens / 64) + 2);
    await other.close();
  });

  test("the beginning that completions share is evaluated once: side by side, and one after another", async () => {
    const other = await openEmbeddedReward(path, CPU);
    const prompt = question(LONG);
    const completions = Array.from({ length: 7 }, (_, i) => `${i} ${"слово ".repeat(i + 1)}`);
    await other.score(prompt, completions[0]!);
    const whole = other.evaluated.tokens;
    expect(whole).toBeGreaterThan(200);
    const rewards: number[] = [];
    for (const completion of completions) rewards.push(await other.score(prompt, completion));
    expect(other.evaluated.tokens).toBeLessThan(whole + 7 * 60);
    await other.close();

    const again = await openEmbeddedReward(path, CPU);
    const together = await Promise.all(completions.map((completion) => again.score(prompt, completion)));
    expect(again.evaluated.tokens).toBeLessThan(whole + 7 * 60);
    for (const [i, reward] of together.entries())
      expect(Math.abs(reward - rewards[i]!)).toBeLessThan(LONG_TOLERANCE);
    expect(Math.max(...rewards) - Math.min(...rewards)).toBeGreaterThan(10 * LONG_TOLERANCE);
    await again.close();
  });

  test("a signal, a context that is too small, and close", async () => {
    const reason = new Error("enough");
    await expect(model.score(question("a"), "b", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const busy = model.score(question(LONG), "второе", { signal: controller.signal });
    setImmediate(() => controller.abort(reason));
    await expect(busy).rejects.toBe(reason);
    await expect(model.score(question(LONG.repeat(20)), "b")).rejects.toThrow(ContextOverflowError);
    await expect(model.score({ segments: [] }, "")).rejects.toThrow(InputError);
    const roomy = join(folder, "roomy.gguf");
    const metadata = Object.fromEntries(rewardHeadMetadata(head));
    await writeTinyGguf(roomy, { contextLength: 2 ** 15, metadata });
    const other = await openEmbeddedReward(roomy, { ...CPU, name: "judge", contextSize: 2 ** 15 });
    const stopped = expect(other.score(question(LONG), "второе")).rejects.toThrow(
      "the model 'judge' is closed",
    );
    // Tokenized in slices, of which the first stands when the model is freed.
    const early = expect(other.score(question("а ".repeat(1e5)), "")).rejects.toThrow("'judge' is closed");
    await Promise.all([other.close(), other.close()]);
    await stopped;
    await early;
    await expect(other.score(question("a"), "b")).rejects.toThrow("the model 'judge' is closed");
  });
});

test("a thousand texts: too many calls at once, and none too many through mapConcurrently", async () => {
  const language = await openEmbedded(path, { ...CPU, contextSize: 512 });
  const texts = Array.from({ length: 1000 }, (_, i) => `${i}`);
  const score = (text: string) => language.score(question("Кто?"), text);
  const settled = await Promise.allSettled(texts.map(score));
  const refused = settled.filter(({ status }) => status === "rejected");
  expect(refused.length).toBeGreaterThan(0);
  for (const one of refused) expect((one as PromiseRejectedResult).reason).toBeInstanceOf(OverloadedError);
  expect(await mapConcurrently(texts, score)).toHaveLength(1000);
  expect(await mapConcurrently(texts, (text) => model.score(question("Кто?"), text))).toHaveLength(1000);
  await language.close();
});

const KEY = "vikhr.reward_head.weight";
const floats = (values: Float32Array<ArrayBuffer>): GgufValue => ({
  type: "array",
  of: "f32",
  value: values,
});
test.each<[string, Record<string, GgufValue | undefined>, RegExp]>([
  ["no head", {}, /has no reward head/],
  ["too few numbers", { [KEY]: floats(new Float32Array(31)) }, /has 31 numbers for states of 32/],
  ["none", { [KEY]: floats(new Float32Array(0)) }, /has 0 numbers/],
  ["whole numbers", { [KEY]: i32s(new Int32Array(32)) }, /no list of f32/],
  ["one number", { [KEY]: f32(1) }, /no list of f32/],
  ["a text", { [KEY]: string("1") }, /no list of f32/],
  ["NaN", { [KEY]: floats(new Float32Array(32).fill(Number.NaN)) }, /not finite/],
  ["an infinite bias", { [KEY]: floats(head.weight), "vikhr.reward_head.bias": f32(Infinity) }, /not finite/],
  ["a bias of text", { [KEY]: floats(head.weight), "vikhr.reward_head.bias": string("1") }, /a number/],
  ["another pooling", { [KEY]: floats(head.weight), "llama.pooling_type": u32(1) }, /pooling_type is 1/],
  ["a rank without tensors", { "llama.pooling_type": u32(4) }, /has no reward head/],
])("a header with %s is refused, and named", async (_, metadata, reason) => {
  const other = join(folder, "hostile.gguf");
  await writeTinyGguf(other, { metadata });
  const error = await openEmbeddedReward(other, CPU).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(InputError);
  expect(String(error)).toContain(other);
  expect(String(error)).toMatch(reason);
});

test.each([
  ["two outputs", [{ name: "cls.output.weight", shape: [16, 2] }], /is 16 x 2 and must be 16 x 1/],
  ["another width", [{ name: "cls.output.weight", shape: [8, 1] }], /is 8 x 1 and must be 16 x 1/],
  [
    "a dense layer of another shape",
    [
      { name: "cls.output.weight", shape: [16, 1] },
      { name: "cls.weight", shape: [16, 8] },
    ],
    /cls.weight is 16 x 8/,
  ],
])("a reranker with %s is refused", async (_, tensors, reason) => {
  const other = join(folder, "reranker.gguf");
  const head = tensors.map(({ name, shape }) => {
    const bytes = 4 * shape[0]! * shape[1]!;
    return { name, shape, type: "F32", data: new Uint8Array(bytes) } as const;
  });
  await writeTinyEncoder(other, { kind: "bert", pooling: 4, head });
  await expect(openEmbeddedReward(other, CPU)).rejects.toThrow(reason);
});
