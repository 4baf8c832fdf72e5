import fc from "fast-check";
import { expect, test } from "vitest";
import { rougeL, rougeWords } from "./rouge-l.ts";

/** By the definition: the longest of all subsequences of `a` that are one of `b`. */
function naiveCommonLength(a: readonly string[], b: readonly string[]): number {
  let best = 0;
  for (let chosen = 0; chosen < 2 ** a.length; chosen++) {
    const words = a.filter((_, i) => chosen & (1 << i));
    let at = 0;
    for (const word of b) if (word === words[at]) at++;
    if (at === words.length) best = Math.max(best, at);
  }
  return best;
}

const words = fc.array(fc.constantFrom("кот", "dog", "7", "ёж"), { maxLength: 9 });
const text = words.map((list) => list.join(" "));

test("is F1 of the longest common subsequence of words", () => {
  fc.assert(
    fc.property(words, words, (a, b) => {
      const common = naiveCommonLength(a, b);
      const [precision, recall] = [common / a.length, common / b.length];
      const expected = common === 0 ? 0 : (2 * precision * recall) / (precision + recall);
      const both = a.length === 0 && b.length === 0;
      expect(rougeL(a.join(" "), b.join(" "))).toBeCloseTo(both ? 1 : expected, 12);
    }),
  );
});

test("is symmetric, within 0 and 1, and 1 for the same words whatever stands between them", () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(rougeL(a, b)).toBe(rougeL(b, a));
      expect(rougeL(a, b)).toBeGreaterThanOrEqual(0);
      expect(rougeL(a, b)).toBeLessThanOrEqual(1);
      expect(rougeL(a, `«${a.toUpperCase().replaceAll(" ", ", ")}»!`)).toBe(1);
    }),
  );
});

test("order counts, and a common word more never makes it less", () => {
  expect(rougeL("a b c d", "d c b a")).toBeCloseTo(0.25, 12);
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(rougeL(`${a} слово`, `${b} слово`)).toBeGreaterThanOrEqual(rougeL(a, b) - 1e-12);
    }),
  );
});

test("words are runs of letters and digits of any script", () => {
  expect(rougeWords("Ёлки-палки: 3,3 мм; naïve 東京!")).toEqual([
    "ёлки",
    "палки",
    "3",
    "3",
    "мм",
    "naïve",
    "東京",
  ]);
});
