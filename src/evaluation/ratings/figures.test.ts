/** The small functions: percentiles, rounding, Holm's correction, ranks, Elo, style, length, tokens. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Battle } from "../arena/rows.ts";
import { loadTokenCounter } from "../count-tokens.ts";
import { elo } from "./elo.ts";
import { holm } from "./holm.ts";
import { lengthControlWeights } from "./length-control.ts";
import { percentile } from "./percentile.ts";
import { publishedScore, round } from "./published-score.ts";
import { rankRanges } from "./rank-ranges.ts";
import { ratingOf, winRateOf } from "./rating-scale.ts";
import { styleOf } from "./style-of.ts";

const probability = fc.double({ min: 0, max: 1, noNaN: true });

describe("percentiles", () => {
  test("are linear between two values", () => {
    expect(percentile([1, 2, 3, 4], 50)).toBe(2.5);
    expect(percentile([10, 20], 2.5)).toBe(10.25);
    expect(percentile([7], 97.5)).toBe(7);
    expect(() => percentile([], 50)).toThrow(RangeError);
  });

  test("begin and end with the ends, and never fall", () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, (unsorted) => {
        // -0 + 0 is 0: the sign of nothing is not kept.
        const sorted = Float64Array.from(unsorted, (value) => value + 0).sort();
        expect(percentile(sorted, 0)).toBe(sorted[0]);
        expect(percentile(sorted, 100)).toBe(sorted.at(-1));
        const all = Array.from({ length: 41 }, (_, i) => percentile(sorted, 2.5 * i));
        for (const [i, value] of all.entries())
          expect(value).toBeGreaterThanOrEqual((all[i - 1] ?? value) - 1e-9);
      }),
    );
  });
});

describe("published scores", () => {
  // From Python: [round(x, 1) for x in ...], [round(x, 2) for x in ...].
  test("round as Python does, exact halves to even", () => {
    expect([0.25, 0.35, 0.75, -0.25, 0.05, 2.5, 80.15].map((x) => round(x, 1))).toEqual([
      0.2, 0.3, 0.8, -0.2, 0.1, 2.5, 80.2,
    ]);
    expect([0.125, 0.375, 2.675, 1.005].map((x) => round(x, 2))).toEqual([0.12, 0.38, 2.67, 1]);
  });

  test("differences are of what was rounded to two decimals", () => {
    const ratingAt = (percent: number) => ratingOf(Math.log(percent / (100 - percent)));
    // Unrounded they would be 82.9, -2.0 and 1.5; and 80.90 - 82.85 is a little more than -1.95 in binary.
    const interval = { low: ratingAt(80.902), high: ratingAt(84.33) };
    expect(publishedScore(ratingAt(82.854), interval)).toEqual({ score: 82.8, lower: -1.9, upper: 1.5 });
    expect(publishedScore(1000, { low: 999.999, high: 1000 })).toEqual({ score: 50, lower: 0, upper: 0 });
  });

  test("ratings and win rates say the same", () => {
    expect(winRateOf(1000)).toBe(50);
    expect(winRateOf(1400)).toBeCloseTo(1000 / 11, 10);
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 99.99, noNaN: true }), (percent) => {
        expect(winRateOf(ratingOf(Math.log(percent / (100 - percent))))).toBeCloseTo(percent, 9);
      }),
    );
  });
});

describe("Holm's correction", () => {
  test("an example by hand", () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
  });

  test("lies between no correction and Bonferroni's, keeps the order, follows its values when they move", () => {
    fc.assert(
      fc.property(fc.array(probability, { minLength: 1, maxLength: 30 }), (values) => {
        const adjusted = holm(values);
        for (const [i, p] of values.entries()) {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p);
          expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, values.length * p));
          for (const [j, q] of values.entries())
            if (p <= q) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j]!);
        }
        expect(holm(values.toReversed())).toEqual(adjusted.toReversed());
      }),
    );
  });
});

describe("rank ranges", () => {
  test("overlapping models share ranks", () => {
    const ranks = rankRanges([
      { low: 8, high: 9 },
      { low: 4, high: 6 },
      { low: 5, high: 7 },
      { low: 1, high: 2 },
    ]);
    expect(ranks).toEqual([
      { best: 1, worst: 1 },
      { best: 2, worst: 3 },
      { best: 2, worst: 3 },
      { best: 4, worst: 4 },
    ]);
  });

  test("hold the rank of every order that the intervals allow", () => {
    const interval = fc.tuple(probability, probability, probability);
    fc.assert(
      fc.property(fc.array(interval, { minLength: 1, maxLength: 12 }), (triples) => {
        const models = triples.map((triple) => triple.toSorted((a, b) => a - b) as [number, number, number]);
        const ranks = rankRanges(models.map(([low, , high]) => ({ low, high })));
        for (const [i, [, value]] of models.entries()) {
          const rank = 1 + models.filter(([, other]) => other > value).length;
          expect(rank).toBeGreaterThanOrEqual(ranks[i]!.best);
          expect(rank).toBeLessThanOrEqual(ranks[i]!.worst);
        }
      }),
    );
  });
});

describe("Elo", () => {
  const name = fc.constantFrom("a", "b", "c", "d");
  const battle: fc.Arbitrary<Battle> = fc
    .record({
      question_id: fc.constant(1),
      model_a: name,
      model_b: name,
      winner: fc.constantFrom("model_a", "model_b", "tie"),
    })
    .filter(({ model_a, model_b }) => model_a !== model_b);

  test("the first battle moves both by two points", () => {
    const ratings = elo([{ question_id: 1, model_a: "a", model_b: "b", winner: "model_b" }]);
    expect([...ratings]).toEqual([
      ["a", 998],
      ["b", 1002],
    ]);
  });

  test("the sum of ratings stays, and naming a battle the other way round changes nothing", () => {
    fc.assert(
      fc.property(fc.array(battle), (battles) => {
        const ratings = elo(battles);
        const sum = [...ratings.values()].reduce((total, rating) => total + rating, 0);
        expect(sum).toBeCloseTo(1000 * ratings.size, 8);
        const turned = battles.map(({ model_a, model_b, winner, ...rest }) => ({
          ...rest,
          model_a: model_b,
          model_b: model_a,
          winner:
            winner === "tie" ? winner : winner === "model_a" ? ("model_b" as const) : ("model_a" as const),
        }));
        for (const [model, rating] of elo(turned)) expect(rating).toBeCloseTo(ratings.get(model)!, 9);
      }),
    );
  });
});

describe("style", () => {
  test("headings, items and bold spans are counted, outside of code", () => {
    const answer = [
      "# One",
      "####### not one",
      "- a **bold** and __another__",
      "  2. b",
      "* c **not\nbold**",
      "```\n# code\n- code **code**\n```",
      "### Two",
    ].join("\n");
    expect(styleOf(answer, 7)).toEqual({ length: 7, headers: 2, lists: 3, bold: 2 });
  });

  test("hostile text takes no time", () => {
    for (const part of ["```", "**a", "__", "#", " ", "- ", "1", "*_`#\n"])
      expect(Object.values(styleOf(part.repeat(200_000), 0))).not.toContain(Number.NaN);
  });
});

describe("length control", () => {
  const battle = (question_id: number, winner: Battle["winner"]): Battle => ({
    question_id,
    winner,
    model_a: "base",
    model_b: "long",
  });
  const lengths = new Map([
    [
      "base",
      new Map([
        [1, 100],
        [2, 100],
        [3, 100],
      ]),
    ],
    [
      "long",
      new Map([
        [1, 100],
        [2, 200],
        [3, 300],
      ]),
    ],
  ]);

  test("only wins of the model are reweighted, by how much longer they are", () => {
    // The differences 0, -100, -200 have a standard deviation of 100.
    const weights = lengthControlWeights(
      [
        battle(1, "model_b"),
        battle(2, "model_b"),
        battle(3, "model_b"),
        battle(3, "model_a"),
        battle(3, "tie"),
      ],
      lengths,
    )!;
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    expect([...weights]).toEqual([1, 2 * sigmoid(-1), 2 * sigmoid(-2), 1, 1]);
  });

  test("an unknown length gives no weights; equal lengths weigh 1", () => {
    expect(lengthControlWeights([battle(4, "tie")], lengths)).toBeUndefined();
    expect(lengthControlWeights([battle(1, "tie")], new Map())).toBeUndefined();
    const equal = new Map([...lengths.keys()].map((model) => [model, new Map([[1, 5]])]));
    expect([...lengthControlWeights([battle(1, "model_b")], equal)!]).toEqual([1]);
  });
});

describe("tokens of cl100k", () => {
  test("special tokens are plain text; long runs take no time", async () => {
    const count = await loadTokenCounter();
    expect(count("")).toBe(0);
    expect(count("hello world")).toBe(2);
    expect(count("<|endoftext|>")).toBeGreaterThan(1);
    for (const part of ["a", "ы", " ", "\n", "!", "漢"])
      expect(count(part.repeat(100_000))).toBeGreaterThan(100);
  });
});
