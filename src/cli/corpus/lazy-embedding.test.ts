import { expect, test } from "vitest";
import { InputError } from "../../errors.ts";
import { LazyEmbedding } from "./lazy-embedding.ts";

const facts = { name: "m", dimension: 1 };

test("is opened once, when there is something to embed, and closed with what it opened", async () => {
  const seen: string[] = [];
  const model = new LazyEmbedding(facts, async () => {
    seen.push("opened");
    return {
      ...facts,
      embed: async (texts) => texts.map(() => Float32Array.of(1)),
      close: async () => void seen.push("closed"),
    };
  });
  expect(await model.embed([], { role: "passage" })).toEqual([]);
  await model.close();
  expect(seen).toEqual([]);
  const both = [model.embed(["a"], { role: "passage" }), model.embed(["b", "c"], { role: "query" })];
  expect((await Promise.all(both)).map(({ length }) => length)).toEqual([1, 2]);
  await model.close();
  expect(seen).toEqual(["opened", "closed"]);
});

test("what cannot be opened is tried again", async () => {
  let attempts = 0;
  const model = new LazyEmbedding(facts, async () => {
    throw new InputError(`attempt ${++attempts}`);
  });
  await expect(model.embed(["a"], { role: "query" })).rejects.toThrow("attempt 1");
  await expect(model.open()).rejects.toThrow("attempt 2");
  await model.close();
});
