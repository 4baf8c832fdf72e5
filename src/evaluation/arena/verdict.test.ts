import fc from "fast-check";
import { expect, test } from "vitest";
import { LABELS } from "./outcome-of.ts";
import { labelsIn, verdictOf } from "./verdict.ts";

/** Text that cannot make or break a label. */
const prose = fc
  .string({ unit: fc.constantFrom(..."абвxyz .,\n[]A=>") })
  .map((text) => text.replace(/\[\[|\]\]/g, ""));
const label = fc.constantFrom(...LABELS);
const turn = (text: string, isCut = false) => ({ text, isCut });

test("the one label is the score, wherever and however often it stands", () => {
  fc.assert(
    fc.property(label, fc.array(prose, { minLength: 2, maxLength: 5 }), (one, pieces) => {
      const text = pieces.join(` [[${one}]] `);
      expect(verdictOf([turn(text)])).toMatchObject({ score: one });
      expect(verdictOf([turn(text, true)])).toMatchObject({ score: one });
      expect(verdictOf([turn("Думаю."), turn(text)])).toMatchObject({ score: one });
    }),
  );
});

test("two different labels are no score, whatever their order", () => {
  fc.assert(
    fc.property(fc.uniqueArray(label, { minLength: 2 }), prose, (labels, between) => {
      const text = labels.map((one) => `[[${one}]]`).join(` ${between} `);
      const verdict = verdictOf([turn(text)]);
      expect(verdict).toEqual({ score: null, failure: "two-labels", judgment: text });
    }),
  );
});

test("without a label there is no score, and a judgment that did not end is told apart", () => {
  fc.assert(
    fc.property(prose, prose, fc.boolean(), fc.boolean(), (first, second, cutFirst, cutSecond) => {
      const verdict = verdictOf([turn(first, cutFirst), turn(second, cutSecond)]);
      expect(verdict.score).toBeNull();
      expect(verdict.failure).toBe(cutFirst || cutSecond ? "endless" : "no-label");
    }),
  );
});

test("a label that does not exist is kept, named, and not put right", () => {
  const unknown = fc
    .string({ unit: fc.constantFrom(..."AB<>="), minLength: 1, maxLength: 5 })
    .filter((text) => !LABELS.some((one) => one === text));
  fc.assert(
    fc.property(unknown, (text) => {
      expect(verdictOf([turn(`[[${text}]]`)])).toMatchObject({ score: text, failure: "unknown-label" });
    }),
    { examples: [["A<B"], ["A"], ["A>>>B"]] },
  );
});

test("what only looks like a label is none", () => {
  for (const text of ["[A>B]", "[[A > B]]", "[[a>b]]", "[[C>A]]", "[[]]", "A>>B", "[[A>B]"])
    expect([text, labelsIn(text)]).toEqual([text, []]);
  expect(labelsIn("[[[A>B]]]")).toEqual(["A>B"]);
});

test("another script is noted beside a score that counts", () => {
  const chinese = "两个答案都不错,但是第一个更准确。";
  expect(verdictOf([turn(`${chinese} [[A>B]]`)])).toMatchObject({ score: "A>B", failure: "wrong-language" });
  expect(
    verdictOf([turn(`${chinese} Первый ответ точнее и короче второго. [[A>B]]`)]).failure,
  ).toBeUndefined();
  for (const text of ["Первый лучше. [[A>B]]", "The first is better. [[A>B]]", "[[A>B]]"])
    expect(verdictOf([turn(text)])).toEqual({ score: "A>B", judgment: text });
  expect(verdictOf([turn(chinese)]).failure).toBe("no-label");
});
