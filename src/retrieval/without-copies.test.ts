import fc from "fast-check";
import { expect, test } from "vitest";
import { terms } from "../index/terms.ts";
import { withoutCopies } from "./without-copies.ts";

const candidateOf = (text: string, i: number) => ({
  chunk: { source: `/${i}`, title: null, format: "plain" as const, text, start: 0, end: text.length },
  score: -i,
});

const left = (texts: readonly string[]) =>
  withoutCopies(texts.map(candidateOf)).map(({ chunk }) => chunk.text);

/** The same by the definition alone. */
function plainly(texts: readonly string[]): string[] {
  const kept: { text: string; words: Set<string> }[] = [];
  for (const text of texts) {
    const words = new Set(terms(text).map(({ word }) => word));
    const isCopy = kept.some((other) => {
      const union = new Set([...words, ...other.words]).size;
      return union === 0 || (words.size + other.words.size - union) / union >= 0.9;
    });
    if (!isCopy) kept.push({ text, words });
  }
  return kept.map(({ text }) => text);
}

test("of texts that share nine words of ten the first stays", () => {
  const ten = "one two three four five six seven eight nine ten";
  expect(left([ten, ten.toUpperCase(), ten.replace("ten", "").trim(), `${ten} eleven twelve`])).toEqual([
    ten,
    `${ten} eleven twelve`,
  ]);
  expect(left(["", "…", "a"])).toEqual(["", "a"]);
});

test("signatures overlook no copy, whatever the texts", () => {
  const word = fc.integer({ min: 0, max: 400 }).map((n) => `слово${n}`);
  const base = fc.array(word, { maxLength: 120 });
  // Texts beside changed ones, about as much as makes a copy of them or not.
  const changed = fc
    .tuple(base, fc.array(word, { maxLength: 8 }), fc.nat({ max: 8 }), fc.boolean())
    .map(([words, added, dropped, upper]) => {
      const other = [...words.slice(dropped), ...added].join(" ");
      return [words.join(" "), upper ? other.toUpperCase() : other];
    });
  fc.assert(
    fc.property(fc.array(changed, { minLength: 1, maxLength: 4 }), (pairs) => {
      const texts = pairs.flat();
      expect(left(texts)).toEqual(plainly(texts));
    }),
  );
});
