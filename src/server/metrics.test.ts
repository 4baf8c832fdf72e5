import { expect, test } from "vitest";
import { OverloadedError } from "../errors.ts";
import type { LanguageModel } from "../spec/language-model.ts";
import { fakeLanguageModel } from "../testing/fake-language-model.ts";
import { Metrics } from "./metrics.ts";

const PROMPT = { messages: [{ role: "user", content: "how deep is the lake" }] };

async function all<T>(pieces: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const piece of pieces) found.push(piece);
  return found;
}

/** Name with labels -> value. */
async function values(metrics: Metrics): Promise<Map<string, number>> {
  const lines = (await metrics.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.replace(/ [^ ]+$/, ""), Number(line.split(" ").at(-1))]));
}

test("what goes through a model is counted, and is the same", async () => {
  const metrics = new Metrics();
  const script = { replies: () => "ten metres at most" };
  const counted = metrics.instrument(fakeLanguageModel(script));
  const plain = fakeLanguageModel(script);
  const usage = { promptTokens: 0, completionTokens: 0, reusedTokens: 0 };
  for (let i = 0; i < 3; i++) {
    const expected = await all(plain.generate(PROMPT));
    expect(await all(counted.generate(PROMPT))).toEqual(expected);
    for (const name of ["promptTokens", "completionTokens", "reusedTokens"] as const)
      usage[name] += expected.at(-1)!.usage![name];
  }
  const found = await values(metrics);
  expect(usage.reusedTokens).toBeGreaterThan(0);
  expect(found.get("vikhr_prompt_tokens_total")).toBe(usage.promptTokens);
  expect(found.get("vikhr_completion_tokens_total")).toBe(usage.completionTokens);
  expect(found.get("vikhr_reused_tokens_total")).toBe(usage.reusedTokens);
  expect(found.get('vikhr_generations_total{outcome="stop"}')).toBe(3);
  expect(found.get("vikhr_time_to_first_token_seconds_count")).toBe(3);
  expect(found.get("vikhr_generation_duration_seconds_count")).toBe(3);
  expect(found.get("process_resident_memory_bytes")).toBeGreaterThan(1e7);
});

test("gauges follow what waits and runs, however it ends", async () => {
  const metrics = new Metrics();
  let fail = new OverloadedError() as Error;
  const stream = {
    async next(): Promise<never> {
      expect((await values(metrics)).get("vikhr_generations_waiting")).toBe(1);
      throw fail;
    },
  };
  const failing: LanguageModel = {
    ...fakeLanguageModel({ replies: [] }),
    generate: () => ({ [Symbol.asyncIterator]: () => stream }),
  };
  const drain = async () => {
    for await (const _ of metrics.instrument(failing).generate(PROMPT)) throw new Error("nothing comes");
  };
  await expect(drain()).rejects.toThrow(fail);
  fail = new Error("a fault");
  await expect(drain()).rejects.toThrow(fail);

  const model = metrics.instrument(fakeLanguageModel({ replies: () => "one two three" }));
  for await (const _ of model.generate(PROMPT)) {
    const now = await values(metrics);
    expect(now.get("vikhr_generations_running")).toBe(1);
    expect(now.get("vikhr_generations_waiting")).toBe(0);
    break;
  }
  const found = await values(metrics);
  expect(found.get("vikhr_generations_running")).toBe(0);
  expect(found.get("vikhr_generations_waiting")).toBe(0);
  for (const outcome of ["overloaded", "error", "aborted"])
    expect(found.get(`vikhr_generations_total{outcome="${outcome}"}`)).toBe(1);
});

test("usage that makes no sense ends no answer, and counts nothing", async () => {
  const metrics = new Metrics();
  const usage = { promptTokens: -1, completionTokens: Number.NaN, reusedTokens: Number.POSITIVE_INFINITY };
  const model: LanguageModel = {
    ...fakeLanguageModel({ replies: [] }),
    async *generate() {
      yield { text: "", tokens: [], finishReason: "stop", usage };
    },
  };
  expect(await all(metrics.instrument(model).generate(PROMPT))).toHaveLength(1);
  expect((await values(metrics)).get("vikhr_prompt_tokens_total")).toBe(0);
  expect((await values(metrics)).get("vikhr_reused_tokens_total")).toBe(0);
});
