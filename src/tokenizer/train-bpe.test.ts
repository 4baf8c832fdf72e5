import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { mayMerge } from "./merge-rules.ts";
import { MergeTable } from "./merge-table.ts";
import { Tokenizer } from "./tokenizer.ts";
import { trainBpe } from "./train-bpe.ts";
import { spellings, tokenizerToGgufMetadata, type Vocabulary } from "./vocabulary.ts";

const TEXTS = [
  "Верол любит молоко, а Грант любит сок. Ёлка стоит у дома, «Ёлка» стоит у дома; (Ёлка) стоит.",
  "The cat and The dog: Verol was born in 1907, and Verol moved in 1935. 12 12 12 12 1907 1907.",
  "слово Слово слово Слово \"Слово\" -Слово the The (The) «The» 's 'The\n\nСлово\nThe",
];

function tokenizerOf(vocabulary: Vocabulary): Tokenizer {
  return new Tokenizer({ path: "test", metadata: tokenizerToGgufMetadata(vocabulary) });
}

const vocabulary = trainBpe([...TEXTS, ...TEXTS, ...TEXTS], { vocabSize: 512 });
const tokenizer = tokenizerOf(vocabulary);
const tokenTexts = Array.from({ length: 256 + vocabulary.merges.length }, (_, id) =>
  tokenizer.tokenBytes(id),
);

describe("the rules", () => {
  test("pieces of characters, and whole characters, but not halves next to others", () => {
    const bytes = (text: string) => Buffer.from(text, "utf8");
    for (const allowed of ["ё", " с", "лово", " the", "\n\n", '{"', "ВЕРОЛ", "漢字", " 漢"])
      expect(mayMerge(bytes(allowed)), allowed).toBe(true);
    for (const forbidden of ["12", "a1", "1.", "²³", " С", " T", "«Ё", "-Я", "\u0301А", "1Я", " ǅ", ". The"])
      expect(mayMerge(bytes(forbidden)), forbidden).toBe(false);
    expect(mayMerge(Uint8Array.of(0x20, 0xd0))).toBe(false);
    expect(mayMerge(Uint8Array.of(0xab, 0xd0))).toBe(false);
    expect(mayMerge(Uint8Array.of(0xb0, 0xd0, 0xb0))).toBe(false);
    expect(mayMerge(Uint8Array.of(0x9f, 0x8c))).toBe(true);
    expect(mayMerge(Uint8Array.of(0xd0, 0x90, 0x90))).toBe(false);
  });

  test("a trained vocabulary has no digit in a longer token and no space before a capital", () => {
    expect(vocabulary.merges.length).toBeGreaterThan(60);
    for (const bytes of tokenTexts.slice(256)) {
      const text = Buffer.from(bytes).toString("utf8");
      expect(text).not.toMatch(/[0-9]/);
      expect(text).not.toMatch(/\P{L}\p{Lu}/u);
      expect(mayMerge(bytes)).toBe(true);
    }
    expect(tokenTexts.map((bytes) => Buffer.from(bytes).toString("utf8"))).toContain(" стоит");
  });

  test("a capitalised word gives the same tokens wherever it stands", () => {
    const upper = fc.constantFrom(..."АБВГДЕЁЖЗИКЛМНОПРСТУФХЯABCVWZ");
    const lower = fc.array(fc.constantFrom(..."абвгдеёжзиклмнопрстуфхьяaeiorstlnv"), {
      minLength: 2,
      maxLength: 9,
    });
    const name = fc.tuple(upper, lower).map(([first, rest]) => first + rest.join(""));
    const before = fc.constantFrom(
      "",
      " ",
      "«",
      "(",
      '"',
      "\n",
      "\t",
      "-",
      "—",
      ", ",
      "🌪",
      "1",
      "да ",
      "\u00a0",
    );
    const after = fc.constantFrom("", ".", " ", "2", "»", ",\n", " и");
    fc.assert(
      fc.property(name, before, after, (word, left, right) => {
        const alone = tokenizer.encode(word).join();
        expect(`,${tokenizer.encode(left + word + right).join()},`).toContain(`,${alone},`);
        expect(tokenizer.encode(left + word).join()).toBe([...tokenizer.encode(left), alone].join());
      }),
      { numRuns: 400 },
    );
  });
});

describe("training", () => {
  test("is deterministic, and does not depend on the order of the texts", () => {
    const again = trainBpe([...TEXTS, ...TEXTS, ...TEXTS].reverse(), { vocabSize: 512 });
    expect(again).toEqual(vocabulary);
  });

  test("joins the most frequent pair first, counted after each merge", () => {
    const made = trainBpe(["ababab abab abab xyxyxy"], {
      vocabSize: 256 + 2,
      controlTokens: [],
      minFrequency: 1,
    });
    expect(spellings(made).slice(256)).toEqual(["ab", "abab"]);
  });

  test("every token is what its own text encodes to, by merges alone", () => {
    const merges = new MergeTable(256 + vocabulary.merges.length);
    for (const [i, [left, right]] of vocabulary.merges.entries()) merges.add(left, right, 256 + i);
    for (const [id, bytes] of tokenTexts.entries()) {
      const merged: number[] = [];
      merges.merge([...bytes], merged);
      expect(merged).toEqual([id]);
      const text = Buffer.from(bytes).toString("utf8");
      if (!text.includes("\ufffd")) expect(tokenizer.encode(text)).toEqual([id]);
    }
    expect(new Set(spellings(vocabulary)).size).toBe(tokenTexts.length);
  });

  test("stops where nothing is frequent enough, and refuses impossible sizes", () => {
    const small = trainBpe(["ab\nab ac"], { vocabSize: 4000 });
    expect(spellings(small).slice(256)).toEqual(["ab"]);
    expect(trainBpe([], { vocabSize: 300 }).merges).toEqual([]);
    expect(() => trainBpe([], { vocabSize: 261 })).toThrow(InputError);
    expect(() => trainBpe([], { vocabSize: 1e9 })).toThrow(/not possible/);
  });

  test("a megabyte without a space costs nothing", () => {
    expect(trainBpe(["a".repeat(1_000_000)], { vocabSize: 300 }).merges).toEqual([]);
  });
});
