import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanText, oneLine, quoted, readable } from "./quotation.ts";

/** Control characters but line feed and tab, what reorders a line, what nobody sees, and halves of characters. */
const FORBIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]|\p{Surrogate}/u;

const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "\r",
        "\n",
        "\r\n",
        "\u2028",
        "\u001b[2J",
        "\u202e",
        "\ud800",
        "\u{e0041}",
        "\n> ",
        "</>",
      ),
    ),
  )
  .map((pieces) => pieces.join(""));

test("clean text is as long as it was, holds nothing that steers or hides, and is its own clean text", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const clean = cleanText(text);
      expect(clean).toHaveLength(text.length);
      expect(clean).not.toMatch(FORBIDDEN);
      expect(cleanText(clean)).toBe(clean);
    }),
  );
});

test("harmless text stays as it is", () => {
  const text = "Ледник 🏔️ Аккем\n\tотступает на 12 м. «Да» — е\u0301.";
  expect(cleanText(text)).toBe(text);
  expect(cleanText("two\r\nlines\rthree")).toBe("two \nlines\nthree");
});

test("every line of a quotation is marked, whatever it spells", () => {
  fc.assert(
    fc.property(hostile, fc.constantFrom("html" as const, "plain" as const), (text, format) => {
      const quotation = quoted(readable({ format, text }));
      expect(quotation).not.toMatch(FORBIDDEN);
      for (const line of quotation.split(/[\n\v\f\r\u0085\u2028\u2029]/)) expect(line).toMatch(/^>/);
    }),
  );
});

test("a name stands on one line of bounded length", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(oneLine(text)).not.toMatch(/\n/);
      expect(oneLine(text)).not.toMatch(FORBIDDEN);
    }),
  );
  expect(oneLine("a".repeat(5000))).toHaveLength(1000);
});
