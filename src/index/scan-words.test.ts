import fc from "fast-check";
import { expect, test } from "vitest";
import { scanWords } from "./scan-words.ts";

const WORD = /\p{Nd}+(?:[.,:]\p{Nd}+)+|[\p{L}\p{N}][\p{L}\p{M}\p{N}\u00AD]*(?:['’][\p{L}\p{M}\u00AD]+)*/gu;

function scanned(text: string): string[] {
  const words: string[] = [];
  scanWords(text, (start, end) => words.push(text.slice(start, end)));
  return words;
}

const matched = (text: string): string[] => text.match(WORD) ?? [];

test("the words are those of the regular expression, in any text", () => {
  // Letters, marks, numbers of several scripts, halves of surrogate pairs, and what joins them.
  const pieces = fc.constantFrom(..."aяЁ1²٣½'’.,:-_ \u00AD\u0301𝒜𝟙🙂한學\ud835\udc9c\ud800");
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.array(pieces, { maxLength: 40 }).map((all) => all.join("")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect(scanned(text)).toEqual(matched(text));
    }),
    { numRuns: 2000 },
  );
});

test("every character is what the regular expression takes it for", () => {
  for (let code = 0; code < 0x20000; code++) {
    const text = `a${String.fromCodePoint(code)}1`;
    if (scanned(text).join() !== matched(text).join()) expect(code.toString(16)).toBe("none");
  }
});
