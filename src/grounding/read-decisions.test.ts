import fc from "fast-check";
import { expect, test } from "vitest";
import { CLOSE, readDecisions } from "./read-decisions.ts";
import { spellSelection } from "./selection-text.ts";

const head = '{"relevant_doc_ids": [';
const ids = [0, 1, 12, 120];

test("decisions come as soon as nothing else can follow", () => {
  const readings: [string, number[], number[]][] = [
    ["", [], [0, 1, 12, 120, CLOSE]],
    ['{"rel', [], [0, 1, 12, 120, CLOSE]],
    [head, [], [0, 1, 12, 120, CLOSE]],
    [`${head}0`, [0], [1, 12, 120, CLOSE]],
    [`${head}1`, [], [1, 12, 120]],
    [`${head}1 `, [1], [12, 120, CLOSE]],
    [`${head}12`, [], [12, 120]],
    [`${head}12,`, [12, 120, CLOSE], []],
    [`${head}0, `, [0], [1, 12, 120]],
    [`${head}120`, [120, CLOSE], []],
    [`${head}]`, [CLOSE], []],
    [`${head}0, 12]}`, [0, 12, CLOSE], []],
    ['{ "relevant_doc_ids":[ 0 ,1\n', [0, 1], [12, 120, CLOSE]],
    [`${head}0]}\n\nОтвет:`, [0, CLOSE], []],
  ];
  for (const [text, made, open] of readings) expect(readDecisions(text, ids), text).toEqual({ made, open });
});

test("what cannot become a selection is not read", () => {
  const wrong = [
    "[",
    "Да",
    '{"relevant_docs',
    `${head},`,
    `${head}2`,
    `${head}0,]`,
    `${head}1, 0`,
    `${head}0, 0`,
  ];
  for (const text of [
    ...wrong,
    `${head}120,`,
    `${head}01`,
    `${head}1 2`,
    `${head}0]x`,
    `${head}-1`,
    `${head}0 1`,
  ])
    expect(readDecisions(text, ids), text).toBeUndefined();
});

test("every prefix of a selection agrees with the whole", () => {
  const idSet = fc
    .uniqueArray(fc.nat({ max: 130 }), { maxLength: 6 })
    .map((set) => set.sort((a, b) => a - b));
  fc.assert(
    fc.property(idSet, fc.nat(), fc.nat(), (set, bits, length) => {
      const picked = set.filter((_, i) => (bits >> i) & 1);
      const text = spellSelection(picked);
      const whole = [...picked, CLOSE];
      const part = readDecisions(text.slice(0, length % (text.length + 1)), set)!;
      expect(whole.slice(0, part.made.length)).toEqual(part.made);
      if (part.made.length < whole.length) expect(part.open).toContain(whole[part.made.length]);
      expect(readDecisions(text, set)).toEqual({ made: whole, open: [] });
    }),
  );
});
