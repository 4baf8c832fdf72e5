import fc from "fast-check";
import { expect, test } from "vitest";
import { splitWords } from "./split-words.ts";

function split(text: string): string[] {
  const words: string[] = [];
  splitWords(text, (word) => words.push(word));
  return words;
}

test("words take one other character along, digits come in threes, punctuation takes line breaks", () => {
  expect(split("Привет, мир!\n\nВ 12345 году")).toEqual([
    "Привет",
    ",",
    " мир",
    "!\n\n",
    "В",
    " ",
    "123",
    "45",
    " году",
  ]);
  expect(split("they'LL 's «Слово» (word)\tx")).toEqual([
    "they",
    "'LL",
    " '",
    "s",
    " «",
    "Слово",
    "»",
    " (",
    "word",
    ")",
    "\tx",
  ]);
  expect(split("a   b \n c  ")).toEqual(["a", "  ", " b", " \n", " c", "  "]);
  expect(split("")).toEqual([]);
});

test("the scanner agrees with the pattern that Llama 3 is published with", () => {
  const W = "\\p{White_Space}";
  const pattern = new RegExp(
    [
      "'(?:[sStTmMdD]|[rR][eE]|[vV][eE]|[lL][lL])",
      "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+",
      "\\p{N}{1,3}",
      ` ?[^${W}\\p{L}\\p{N}]+[\\r\\n]*`,
      `${W}*[\\r\\n]+`,
      `${W}+(?!\\P{White_Space})`,
      `${W}+`,
    ].join("|"),
    "gu",
  );
  const pieces = fc.oneof(
    fc.constantFrom(
      ..."aЯё1² \t\r\n\u0085\u00a0\ufeff'’.,🌪𝕏\u0301".match(/./gsu)!,
      "'s",
      "'lL",
      "'vE",
      "  ",
      "ſ",
    ),
    fc.string({ unit: "grapheme", maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (list) => {
      const text = list.join("");
      expect(split(text)).toEqual(text.match(pattern) ?? []);
      expect(split(text).join("")).toBe(text);
    }),
    { numRuns: 500 },
  );
});
