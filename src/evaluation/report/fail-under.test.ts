/** Thresholds and what they are held against. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { exampleArena } from "../../../test/e2e/eval-report/example-arena.ts";
import { exampleRag } from "../../../test/e2e/eval-report/example-rag.ts";
import { InputError } from "../../errors.ts";
import type { Interval } from "../estimate.ts";
import { failUnder } from "./fail-under.ts";

const arena = exampleArena({ questions: 3 });
const rag = exampleRag({ questions: 3 });

/** The arena with one win rate of our choice. */
function withInterval(model: string, byQuestion: Interval): typeof arena {
  const leaderboard = arena.leaderboard.map((row, i) =>
    i === 0
      ? { ...row, model, winRate: 60, winRateIntervals: { byRow: { low: 59, high: 61 }, byQuestion } }
      : row,
  );
  return { ...arena, leaderboard };
}

test("a minimum is held against the lower end, a maximum against the upper, and the bound itself passes", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -500, max: 500 }),
      fc.nat(500),
      fc.integer({ min: -600, max: 1100 }),
      (l, width, v) => {
        const [low, high, value] = [l / 10, (l + width) / 10, v / 10];
        const report = withInterval("a", { low, high });
        expect(failUnder([report], [`a.win_rate>=${value}`])).toEqual(
          low >= value ? [] : [{ threshold: `a.win_rate>=${value}`, model: "a", qualifiers: [], bound: low }],
        );
        expect(failUnder([report], [`a.win_rate<=${value}`]).map(({ bound }) => bound)).toEqual(
          high <= value ? [] : [high],
        );
      },
    ),
  );
});

test("models have dots, slashes, spaces and signs in their names", () => {
  for (const model of ["gpt-3.5-turbo", "VikhrModels/Vikhr-7B.v1", "a b", "x>=1.win_rate>=2", "*.", "день"]) {
    const report = withInterval(model, { low: 10, high: 20 });
    expect(failUnder([report], [`${model}.win_rate>=10`])).toEqual([]);
    expect(failUnder([report], [`${model}.win_rate >= 10.5`]).map((failed) => failed.model)).toEqual([model]);
  }
});

test("a figure that is none reaches nothing", () => {
  const report = withInterval("a", { low: Number.NaN, high: Number.NaN });
  expect(failUnder([report], ["a.win_rate>=0", "a.win_rate<=100"])).toHaveLength(2);
});

test("a star is every model; without qualifiers all figures of a metric must pass, with them only those", () => {
  expect(failUnder([arena], ["*.rating>=9000"])).toHaveLength(arena.leaderboard.length);
  expect(failUnder([arena, rag], ["*.id_recall>=101"])).toHaveLength(rag.rows.length);
  const one = failUnder([rag], ["vikhr-nano.id_recall/in_domain>=101"]);
  expect(one.map(({ model, qualifiers }) => [model, ...qualifiers])).toEqual([
    ["vikhr-nano", "two-step", "in_domain"],
  ]);
  const attacks = failUnder([rag], ["*.attack_success/ru/ignore the question<=-1"]);
  expect(attacks).toHaveLength(3);
  expect(attacks.every(({ qualifiers }) => qualifiers.includes("ru") && !qualifiers.includes("en"))).toBe(
    true,
  );
  expect(
    failUnder([rag], ["*.calibration_error<=1", "*.follows_document>=0", "*.says_otherwise/two-step<=100"]),
  ).toEqual([]);
});

test("a threshold that is about nothing is an error that says what there is", () => {
  const fails = (threshold: string, words: string) => {
    expect(() => failUnder([arena, rag], [threshold])).toThrow(InputError);
    expect(() => failUnder([arena, rag], [threshold])).toThrow(words);
  };
  fails("nobody.win_rate>=5", "the models are gpt-4");
  fails("aya-23-8b.id_recall>=5", "the metrics are rating, win_rate");
  fails("*.id_recall/nowhere>=5", "what can be chosen is two-step, in_domain");
  for (const text of ["", "win_rate>=5", "a.win_rate=5", "a.win_rate>=", "a.win_rate>=five", "a.win_rate>5"])
    fails(text, "write model.metric>=value");
});
