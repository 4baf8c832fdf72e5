import fc from "fast-check";
import { expect, test } from "vitest";
import type { Segment } from "../../spec/message.ts";
import { DEFAULT_CHAT_TEMPLATE } from "../../tokenizer/chat-template.ts";
import { WORD_JOINER as J } from "../word-joiner.ts";
import { joinSegments, neutralizeControlTokens, templateSpellings } from "./neutralize-control-tokens.ts";

const LLAMA = templateSpellings(DEFAULT_CHAT_TEMPLATE, ["<|begin_of_text|>", "<|eot_id|>"]);
const KNOWN = [
  ...LLAMA,
  ..."<s> </s> <unk> <pad> <bos> [INST] [/INST] <<SYS>> <</SYS>> <start_of_turn> <end_of_turn> <|im_start|>".split(
    " ",
  ),
  ..."<|reserved_special_token_9|> <|python_tag|> <｜begin▁of▁sentence｜> <SPECIAL_20> [AVAILABLE_TOOLS]".split(
    " ",
  ),
];
const OWN = ["##ROLE##", "aXa", "<turn:user>"];

test("what a template writes is found in it", () => {
  expect(LLAMA).toEqual(
    expect.arrayContaining(["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|begin_of_text|>"]),
  );
  expect(templateSpellings("{{ '<turn>' + '[USER]' if a < b and c > d }}", [])).toEqual(["<turn>", "[USER]"]);
});

test("one invisible character in each spelling, and nothing else", () => {
  const neutral = (text: string) => neutralizeControlTokens(text, OWN);
  expect(neutral("a <|eot_id|> b")).toBe(`a <${J}|eot_id|> b`);
  expect(neutral("<|<|eot_id|>")).toBe(`<|<${J}|eot_id|>`);
  expect(neutral("aXaXa")).toBe(`a${J}Xa${J}Xa`);
  expect(neutral("<|a[INST]b|>")).toBe(`<${J}|a[${J}INST]b|>`);
  const plain = "if (a < b || c > d) x[I] = <b>жирный</b> <|eot_id | > [1] a|b <span>";
  expect(neutral(plain)).toBe(plain);
});

const piece = fc.oneof(
  fc.constantFrom(...KNOWN, ...OWN),
  fc.constantFrom(
    "<",
    "|",
    ">",
    "<|",
    "|>",
    "eot_id",
    "[",
    "]",
    "/",
    "s",
    "INST",
    J,
    "a",
    "X",
    "да",
    " ",
    "\n",
  ),
);
const texts = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(""));

test("afterwards no spelling is left, and doing it again changes nothing", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const neutral = neutralizeControlTokens(text, OWN);
      expect([...KNOWN, ...OWN].filter((spelling) => neutral.includes(spelling))).toEqual([]);
      expect(neutral).not.toMatch(/<\|[^|<>\n]{1,64}\|>/);
      expect(neutralizeControlTokens(neutral, OWN)).toBe(neutral);
      expect(neutral.replaceAll(J, "")).toBe(text.replaceAll(J, ""));
    }),
    { numRuns: 1000 },
  );
});

test("over the borders of segments too; what the template wrote stays as it was", () => {
  const control = fc.constantFrom(
    "<|eot_id|>",
    "<|start_header_id|>user<|end_header_id|>\n\n",
    ">",
    "|>",
    "<|",
    "id|>",
  );
  const segments = fc.array(
    fc.oneof(
      texts.map((text): Segment => ({ kind: "text", text })),
      control.map((text): Segment => ({ kind: "control", text })),
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(segments, (given) => {
      const joined = joinSegments(given, OWN);
      // Follow the control segments through: in order, whole, and the only ones to be part of a spelling.
      let at = 0;
      const own: [number, number][] = [];
      for (const { kind, text } of given) {
        for (const character of text) {
          while (joined[at] === J && character !== J) at++;
          const length = character.length;
          if (kind === "control") own.push([at, at + length]);
          if (!joined.startsWith(character, at)) throw new Error(`${character} is missing at ${at}`);
          at += length;
        }
      }
      const isOwn = (index: number) => own.some(([start, end]) => index >= start && index < end);
      for (const spelling of [...KNOWN, ...OWN])
        for (let found = joined.indexOf(spelling); found >= 0; found = joined.indexOf(spelling, found + 1))
          for (let i = found; i < found + spelling.length; i++)
            if (!isOwn(i)) throw new Error(`${spelling} at ${found} has text in it`);
    }),
    { numRuns: 500 },
  );
  expect(
    joinSegments(
      [
        { kind: "control", text: "<|eot_id|>" },
        { kind: "text", text: "<|eot" },
        { kind: "text", text: "_id|" },
        { kind: "control", text: ">" },
      ],
      [],
    ),
  ).toBe(`<|eot_id|><${J}|eot_id|>`);
});

test("long texts take little time", () => {
  const started = performance.now();
  neutralizeControlTokens("<|".repeat(100_000) + "<a[B".repeat(50_000), LLAMA);
  expect(performance.now() - started).toBeLessThan(2000);
});
