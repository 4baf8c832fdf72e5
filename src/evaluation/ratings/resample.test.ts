import { describe, expect, test } from "vitest";
import type { Battle } from "../arena/rows.ts";
import { intervalOf } from "../interval-of.ts";
import { bootstrapRatings, drawnQuestions, drawnRows, publishedRows, type Resample } from "./resample.ts";
import { cellSums, makeTally, type Tally } from "./tally.ts";

/** `repeats` identical rows a question, of two models against a baseline. */
function battles(questions: number, repeats = 1): Battle[] {
  return Array.from({ length: questions }, (_, i): Battle[] => {
    const winner = (["model_b", "model_a", "model_b", "tie", "model_a", "model_b"] as const)[(i * 7) % 6]!;
    const battle = { question_id: i, model_a: "base", model_b: i % 2 === 0 ? "even" : "odd", winner };
    return Array.from({ length: repeats }, () => battle);
  }).flat();
}

function deviations(tally: Tally, resample: Resample, rounds: number): number[] {
  return bootstrapRatings(tally, resample, rounds)
    .slice(1)
    .map((values) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / rounds;
      return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (rounds - 1));
    });
}

describe("published rows", () => {
  // numpy: np.random.seed(s); np.random.randint(0, 10, 10)
  test.each([
    [0, [5, 0, 3, 3, 7, 9, 3, 5, 2, 4]],
    [42, [6, 3, 7, 4, 6, 9, 2, 6, 7, 4]],
  ])("are numpy's, seed %d", (seed, rows) => {
    const tally = makeTally(
      Array.from({ length: 10 }, (_, i) => ({
        question_id: 1,
        model_a: "b",
        model_b: `${i}`,
        winner: "tie" as const,
      })),
      "b",
    );
    const counts = rows.reduce((all, row) => all.with(row, all[row]! + 1), new Array<number>(10).fill(0));
    expect([...publishedRows(tally)(seed)]).toEqual(counts);
  });

  test("one row is drawn, and none of none", () => {
    expect([...publishedRows(makeTally(battles(1), "base"))(3)]).toEqual([1]);
    expect([...publishedRows(makeTally([], "base"))(3)]).toEqual([]);
  });
});

describe("all ways of drawing agree where they should", () => {
  const rounds = 3000;
  const single = makeTally(battles(600), "base");

  test("every question one row: by question is by row, and by counts is by row", () => {
    const rows = deviations(single, publishedRows(single), rounds);
    const others = [drawnRows(single, 3), drawnQuestions(single, 4)].map((way) =>
      deviations(single, way, rounds),
    );
    for (const other of others)
      for (const [i, deviation] of other.entries())
        expect(Math.abs(deviation / rows[i]! - 1)).toBeLessThan(0.08);
  });

  test("every row three times: by row it looks better by the root of three, by question it does not", () => {
    const tripled = makeTally(battles(600, 3), "base");
    const truth = deviations(single, drawnRows(single, 3), rounds);
    const rows = deviations(tripled, publishedRows(tripled), rounds);
    const questions = deviations(tripled, drawnQuestions(tripled, 4), rounds);
    for (const [i, deviation] of truth.entries()) {
      expect(Math.abs(deviation / rows[i]! / Math.sqrt(3) - 1)).toBeLessThan(0.08);
      expect(Math.abs(deviation / questions[i]! - 1)).toBeLessThan(0.08);
    }
  });

  test("intervals hold the estimate, and narrow as the root of the questions", () => {
    const width = (questions: number) => {
      const tally = makeTally(battles(questions), "base");
      const intervals = bootstrapRatings(tally, drawnQuestions(tally, 1), 1000).map(intervalOf);
      const all = bootstrapRatings(tally, () => cellSums(tally), 1);
      for (const [i, { low, high }] of intervals.entries()) {
        expect(low).toBeLessThanOrEqual(all[i]![0]!);
        expect(high).toBeGreaterThanOrEqual(all[i]![0]!);
      }
      return intervals[1]!.high - intervals[1]!.low;
    };
    const ratio = width(600) / width(9600);
    expect(ratio).toBeGreaterThan(3.5);
    expect(ratio).toBeLessThan(4.5);
  });

  test("weights are summed, and rows of different weights are not drawn by counts", () => {
    const weighted = makeTally(battles(4), "base", Float64Array.of(2, 2, 2, 2));
    for (const resample of [publishedRows(weighted), drawnQuestions(weighted, 1)])
      expect(resample(0).reduce((sum, value) => sum + value, 0)).toBe(8);
    expect(() => drawnRows(weighted, 1)).toThrow(RangeError);
  });

  test("the same seed draws the same", () => {
    const draw = (seed: number) => [...drawnQuestions(single, seed)(0)];
    expect(draw(5)).toEqual(draw(5));
    expect(draw(5)).not.toEqual(draw(6));
  });
});
