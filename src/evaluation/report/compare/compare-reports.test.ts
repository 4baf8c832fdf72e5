/** Two runs beside one another. */
import { expect, test } from "vitest";
import { exampleArena } from "../../../../test/e2e/eval-report/example-arena.ts";
import { exampleRag } from "../../../../test/e2e/eval-report/example-rag.ts";
import { InputError } from "../../../errors.ts";
import { compareReports } from "./compare-reports.ts";

const arena = exampleArena();
const rag = exampleRag();

test("a run beside itself: every difference is nothing, and nothing changed", () => {
  for (const report of [arena, rag]) {
    const { figures, changes, onlyBefore, onlyAfter, settings } = compareReports(report, report);
    expect(figures.length).toBeGreaterThan(5);
    expect(figures.every(({ difference }) => difference === 0)).toBe(true);
    expect(figures.every(({ interval }) => interval!.low <= 0 && interval!.high >= 0)).toBe(true);
    expect([changes, onlyBefore, onlyAfter, settings]).toEqual([[], [], [], []]);
  }
});

test("turned round, differences change their sign and nothing else", () => {
  const [other, otherRag] = [exampleArena({ seed: 8 }), exampleRag({ seed: 12 })];
  for (const [before, after] of [[arena, other] as const, [rag, otherRag] as const]) {
    const [there, back] = [compareReports(before, after), compareReports(after, before)];
    expect(there.changes.length).toBeGreaterThan(10);
    expect(back.changes.length).toBe(there.changes.length);
    expect(there.figures.some(({ difference }) => difference !== 0)).toBe(true);
    for (const figure of there.figures) {
      const same = back.figures.find(({ name, metric }) => name === figure.name && metric === figure.metric)!;
      expect(same.difference).toBeCloseTo(-figure.difference, 9);
      expect(figure.after - figure.before).toBeCloseTo(figure.difference, 9);
      expect(same.questions).toBe(figure.questions);
      expect(figure.interval!.low).toBeLessThanOrEqual(figure.difference);
      expect(figure.interval!.high).toBeGreaterThanOrEqual(figure.difference);
      expect(same.interval!.high - same.interval!.low).toBeGreaterThan(0);
    }
  }
});

test("only questions that both scored count; verdicts that came, went or turned are named", () => {
  const [first, second, third, fourth] = arena.verdicts;
  const verdicts = [
    { ...first!, points: 0 },
    { ...second!, points: 1 },
    { ...third!, points: null },
    { ...fourth!, points: 0.5 },
  ];
  const before = { ...arena, verdicts };
  const after = {
    ...arena,
    verdicts: [
      { ...first!, points: 1 },
      { ...second!, points: 1 },
      { ...third!, points: 1 },
      { ...fourth!, questionId: String(fourth!.questionId), points: 0 },
    ],
  };
  const { figures, changes } = compareReports(before, after);
  expect(figures).toMatchObject([{ before: 50, after: 100, difference: 50, questions: 2 }]);
  expect(changes.map(({ before, after }) => [before, after])).toEqual([
    [0, 1],
    ["unscored", 1],
  ]);
});

test("models that only one run has, and settings that differ, are named", () => {
  const less = { ...arena, verdicts: arena.verdicts.filter(({ model }) => model !== "aya-23-8b") };
  const manifest = {
    ...arena.manifest,
    settings: { ...arena.manifest.settings, temperature: 0.7 },
    texts: { ...arena.manifest.texts, "Judge prompt": "Another one." },
  };
  const { onlyBefore, onlyAfter, settings } = compareReports(arena, { ...less, manifest });
  expect([onlyBefore, onlyAfter]).toEqual([["aya-23-8b"], []]);
  expect(settings.map(({ name }) => name)).toEqual(["temperature", "Judge prompt"]);
  expect(settings[0]).toMatchObject({ before: "0", after: "0.7" });
});

test("what cannot be compared is refused", () => {
  expect(() => compareReports(arena, rag)).toThrow(InputError);
  expect(() => compareReports(arena, { ...arena, baseline: "another" })).toThrow("the baselines differ");
});
