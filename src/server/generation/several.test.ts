import { expect, test } from "vitest";
import type { Alternative, GenerateOptions, LanguageModel } from "../../spec/language-model.ts";
import { fakeLanguageModel } from "../../testing/fake-language-model.ts";
import { freeChoice, gather, type Start } from "./choice.ts";
import { several } from "./several.ts";

const prompt = { messages: [{ role: "user", content: "a" }] };
const signal = new AbortController().signal;

/** What a search of a fake model finds beside its one reply. */
function searching(found: readonly string[]) {
  const plain = fakeLanguageModel({ replies: () => "one two" });
  const alternatives = ["one two", ...found].map(
    (text, i): Alternative => ({
      text,
      tokens: [],
      finishReason: i === 1 ? "length" : "stop",
      logprob: -i,
      score: -i,
    }),
  );
  const model: LanguageModel = {
    name: "fake",
    contextSize: plain.contextSize,
    async *generate(asked, options) {
      for await (const chunk of plain.generate(asked, options))
        yield chunk.finishReason ? { ...chunk, alternatives } : chunk;
    },
    score: (...args) => plain.score(...args),
    close: () => plain.close(),
  };
  const start =
    (options: GenerateOptions): Start =>
    (ended) =>
      freeChoice(model, prompt, { ...options, signal: ended });
  return { plain, start };
}

const beams = (count: number) => () => ({ beamSearch: { beams: count } });

test("the best texts of one search are as many answers, and counted as one", async () => {
  const { plain, start } = searching(["three", "four", "five"]);
  const answers = await gather(several(3, beams(4), start), signal);
  expect(plain.calls).toHaveLength(1);
  expect(answers.map(({ text, end }) => [text, end.finishReason])).toEqual([
    ["one two", "stop"],
    ["three", "length"],
    ["four", "stop"],
  ]);
  expect(answers.map(({ end }) => end.usage.completionTokens)).toEqual([2, 0, 0]);
});

test("where a search finds fewer, so many are the answers", async () => {
  const { start } = searching([]);
  const twice = [...several(2, beams(2), start), ...several(2, beams(2), start)];
  expect((await gather(twice, signal)).map(({ index }) => index)).toEqual([0, 2]);
});

test("more than beams are refused; samples are asked for one by one", async () => {
  const { plain, start } = searching([]);
  expect(() => several(3, beams(2), start)).toThrow("n is 3 and beams are 2");
  await gather(
    several(3, (seed) => ({ seed }), start),
    signal,
  );
  expect(plain.calls.map(({ options }) => options?.seed)).toEqual([0, 1, 2]);
});

test("a search that fails is the fault of all", async () => {
  const start = (): Start =>
    async function* () {
      yield { type: "text", text: "one", tokens: [] } as const;
      throw new Error("no search");
    };
  await expect(gather(several(2, beams(2), start), signal)).rejects.toThrow("no search");
});
