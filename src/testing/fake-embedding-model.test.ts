import { expect, test } from "vitest";
import { fakeEmbeddingModel } from "./fake-embedding-model.ts";

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

test("texts that share words are near, in any order and case; others are not", async () => {
  const model = fakeEmbeddingModel();
  const [query, near, far, same] = await model.embed(
    ["Как зовут собаку?", "Собаку зовут Жучка", "The weather in June", "собаку, как зовут"],
    { role: "query" },
  );
  expect(dot(query!, same!)).toBeCloseTo(1, 5);
  expect(dot(query!, near!)).toBeGreaterThan(0.5);
  expect(Math.abs(dot(query!, far!))).toBeLessThan(0.4);
});

test("remembers its calls, and that it is closed", async () => {
  const model = fakeEmbeddingModel({ name: "other" });
  await model.embed(["a"], { role: "passage" });
  expect(model.calls).toEqual([{ texts: ["a"], role: "passage" }]);
  await model.close();
  expect([model.name, model.closed]).toEqual(["other", true]);
  await expect(model.embed(["a"], { role: "query" })).rejects.toThrow("'other' is closed");
});
