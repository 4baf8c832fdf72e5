/** Both languages say the same. */
import { expect, test } from "vitest";
import { say } from "./say.ts";
import { TEXTS } from "./texts.ts";

const places = (text: string): string[] => [...text.matchAll(/\{\d\}/g)].map(([place]) => place).sort();

test("what is filled in is the same in both languages, and nothing is empty", () => {
  for (const [key, [en, ru]] of Object.entries(TEXTS)) {
    expect([key, places(ru)]).toEqual([key, places(en)]);
    expect(en.trim()).not.toBe("");
    expect(ru.trim()).not.toBe("");
  }
});

test("values are put in as text, whatever they look like", () => {
  const { markup } = say("arena.summary", "<b>{1}", "$&", 3, 4);
  expect(markup).toContain("Against &lt;b&gt;{1}, judged by $&amp;. Models: 3, questions: 4.");
});
