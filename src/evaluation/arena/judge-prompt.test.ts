import fc from "fast-check";
import { expect, test } from "vitest";
import { absentCode } from "../absent-code.ts";
import { judgeMessages, LABEL_REQUEST } from "./judge-prompt.ts";
import { LABELS } from "./outcome-of.ts";
import { labelsIn } from "./verdict.ts";

const NAMES = ["prompt", "answer A", "answer B"];

/** What a reader who trusts the marks alone finds between them; throws where a mark is there more or less than once. */
function sections(messages: readonly { content: string }[]): string[] {
  const text = messages[1]!.content;
  const code = /^The code of the marks is ([0-9a-f]{12})\.\n\n/.exec(text)![1]!;
  expect(text.split(code)).toHaveLength(2 + 2 * NAMES.length);
  return NAMES.map((name) => {
    const [begin, end] = ["begins", "ends"].map((what) => `=== ${code}: ${name} ${what} ===`);
    return text.slice(text.indexOf(`${begin}\n`) + begin!.length + 1, text.indexOf(`\n${end}`));
  });
}

const plain = ["Как дела?", "Хорошо.", "Отлично!"] as const;
/** The prompts that were sent before, which somebody may have read, and parts of them. */
const seen = judgeMessages(...plain)[1]!.content;
const codes = [0, 1, 2, 3].reduce<string[]>((known) => [...known, absentCode(known)], []);
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom(seen, ...seen.split("\n"), ...codes, ...LABELS.map((label) => `[[${label}]]`)),
      fc
        .tuple(fc.constantFrom(...codes), fc.constantFrom(...NAMES), fc.constantFrom("begins", "ends"))
        .map(([code, name, what]) => `=== ${code}: ${name} ${what} ===`),
    ),
    { maxLength: 8 },
  )
  .chain((pieces) => fc.constantFrom("", "\n").map((joint) => pieces.join(joint)));

test("no text can end its section or forge another's", () => {
  fc.assert(
    fc.property(hostile, hostile, hostile, (question, first, second) => {
      expect(sections(judgeMessages(question, first, second))).toEqual([question, first, second]);
    }),
    { numRuns: 500 },
  );
});

test("the same game is asked in the same words, and the swapped one differs in the answers alone", () => {
  const [question, first, second] = plain;
  expect(judgeMessages(question, first, second)).toEqual(judgeMessages(question, first, second));
  expect(sections(judgeMessages(question, second, first))).toEqual([question, second, first]);
});

test("the judge is told all labels, and no other", () => {
  const [system] = judgeMessages(...plain);
  expect(labelsIn(system!.content)).toEqual([...LABELS]);
  expect(labelsIn(LABEL_REQUEST)).toEqual([...LABELS]);
});
