import { expect, test } from "vitest";
import { ContextOverflowError } from "../errors.ts";
import type { GenerateChunk, GenerateOptions, LanguageModel } from "../spec/language-model.ts";
import { fakeLanguageModel, fakeTokens } from "./fake-language-model.ts";

const prompt = { messages: [{ role: "user", content: "Кто там?" }] };

async function all(model: LanguageModel, options?: GenerateOptions): Promise<GenerateChunk[]> {
  const chunks: GenerateChunk[] = [];
  for await (const chunk of model.generate(prompt, options)) chunks.push(chunk);
  return chunks;
}

const textOf = (chunks: GenerateChunk[]) => chunks.map((c) => c.text).join("");

test("replies come in order, call by call, and then run out", async () => {
  const model = fakeLanguageModel({ replies: ['{"relevant_doc_ids": [0]}', "Это почтальон."] });
  expect(textOf(await all(model))).toBe('{"relevant_doc_ids": [0]}');
  const second = await all(model);
  expect(textOf(second)).toBe("Это почтальон.");
  expect(second.at(-1)).toMatchObject({
    finishReason: "stop",
    usage: { promptTokens: 3, completionTokens: 3 },
  });
  await expect(all(model)).rejects.toThrow("has 2 replies");
  expect(model.calls.map((c) => c.text)).toEqual(["Кто там?", "Кто там?", "Кто там?"]);
});

test("maxTokens, stop and signal end a reply", async () => {
  const model = fakeLanguageModel({ replies: () => "one two three" });
  const short = await all(model, { maxTokens: 2 });
  expect([textOf(short), short.at(-1)?.finishReason]).toEqual(["one two", "length"]);
  const cut = await all(model, { stop: [" th"] });
  expect([textOf(cut), cut.at(-1)?.finishReason]).toEqual(["one two", "stop"]);
  const aborted = await all(model, { signal: AbortSignal.abort() });
  expect([textOf(aborted), aborted.at(-1)?.finishReason]).toEqual(["", "aborted"]);
});

test("log-probabilities are those of the script", async () => {
  const model = fakeLanguageModel({ replies: () => "a b", logprob: (token) => -token.length });
  const tokens = (await all(model, { topLogprobs: 1 })).flatMap((c) => c.tokens);
  expect(tokens.map((t) => [t.text, t.logprob, t.top.length])).toEqual([
    ["a", -1, 1],
    [" b", -2, 1],
  ]);
  expect(await model.score(prompt, "a b")).toEqual([
    { text: "a", logprob: -1 },
    { text: " b", logprob: -2 },
  ]);
});

test("a prompt that does not fit is refused, and a closed model too", async () => {
  const model = fakeLanguageModel({ replies: () => "a", contextSize: 3 });
  await expect(all(model)).rejects.toThrow(ContextOverflowError);
  await model.close();
  await model.close();
  await expect(all(model)).rejects.toThrow("closed");
});

test("tokens join to the text", () => {
  const text = "Да, 12 %: 👍\n конец";
  expect(fakeTokens(text).join("")).toBe(text);
});
