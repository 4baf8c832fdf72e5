import { expect, test } from "vitest";
import { OverloadedError } from "../../errors.ts";
import type { LanguageModel } from "../../spec/language-model.ts";
import { fakeLanguageModel } from "../../testing/fake-language-model.ts";
import { modelNamed } from "./model-named.ts";

const fake = fakeLanguageModel({ replies: [], name: "nano" });
const named = (name: string | undefined, model: LanguageModel | undefined = fake) =>
  modelNamed({ model: () => model }, name);

test("the model that is loaded answers to its name, and to none; quotes are always there", () => {
  expect(named(undefined)).toBe(fake);
  expect(named("nano")).toBe(fake);
  expect(named("quotes")).toBeUndefined();
  expect(modelNamed({ model: () => undefined }, undefined)).toBeUndefined();
  expect(() => named("gpt-4o")).toThrow(expect.objectContaining({ status: 404, code: "model_not_found" }));
});

test("a model that takes no more is not asked; what quotes does not wait for it", () => {
  const full = { ...fake, isFull: true } as LanguageModel;
  expect(() => named("nano", full)).toThrow(OverloadedError);
  expect(named("quotes", full)).toBeUndefined();
});
