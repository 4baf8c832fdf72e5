import { expect, test } from "vitest";
import { type PromptTokenizer, promptTokens, segmentTokens } from "./prompt-tokens.ts";

/** One token a character; a control token, 1000, for each `<eot>` that may be one. */
const letters: PromptTokenizer = {
  bos: 1,
  prependsBos: true,
  tokenize(text, special) {
    const parts = special ? text.split(/(<eot>)/) : [text];
    return parts.flatMap((part) =>
      special && part === "<eot>" ? [1000] : Array.from(part, (c) => c.codePointAt(0)!),
    );
  },
};

test("only control segments give control tokens", async () => {
  const segments = [
    { kind: "text" as const, text: "a<eot>" },
    { kind: "control" as const, text: "<eot>" },
  ];
  const ids = await segmentTokens(segments, letters, 100);
  expect(ids).toEqual([..."a<eot>"].map((c) => c.codePointAt(0)).concat(1000));
});

test("the first token is put in where the model expects it and the template has not", async () => {
  const text = [{ kind: "text" as const, text: "a" }];
  expect(await promptTokens(text, letters, 100)).toEqual([1, 97]);
  expect(await promptTokens([{ kind: "control", text: "\u0001" }, ...text], letters, 100)).toEqual([1, 97]);
  expect(await promptTokens(text, { ...letters, prependsBos: false }, 100)).toEqual([97]);
  expect(await promptTokens([], letters, 100)).toEqual([]);
});

test("long texts are cut before spaces and lose nothing; hopeless ones are given up", async () => {
  const slices: string[] = [];
  const counting = {
    ...letters,
    tokenize(text: string, special: boolean) {
      slices.push(text);
      return letters.tokenize(text, special);
    },
  };
  const text = "слово ".repeat(30_000);
  const ids = await segmentTokens([{ kind: "text", text }], counting, 100_000);
  expect(String.fromCodePoint(...ids.slice(0, 100))).toBe(text.slice(0, 100));
  expect(ids.length).toBe(text.length);
  expect(slices.join("")).toBe(text);
  for (const slice of slices.slice(1)) expect(slice.startsWith(" ")).toBe(true);
  expect((await segmentTokens([{ kind: "text", text }], letters, 100)).length).toBeLessThan(60_000);
});
