import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boundedRatings, bradleyTerry } from "./bradley-terry.ts";
import { fitStrengths } from "./fit-strengths.ts";
import { winRateOf } from "./rating-scale.ts";

/** Battles as [winner, loser, times]. */
function winsOf(models: number, ...battles: [number, number, number][]): Float64Array {
  const wins = new Float64Array(models ** 2);
  for (const [winner, loser, times] of battles) wins[winner * models + loser]! += times;
  return wins;
}

/** Wins in halves, as ties give them; enough of them that most graphs are connected. */
const graph = fc.integer({ min: 2, max: 7 }).chain((models) =>
  fc
    .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 })), {
      minLength: models ** 2,
      maxLength: models ** 2,
    })
    .map((halves) => ({
      models,
      wins: Float64Array.from(halves, (n, i) => (i % (models + 1) === 0 ? 0 : n / 2)),
    })),
);
/** Every model with wins and losses. */
const fullGraph = fc.integer({ min: 2, max: 7 }).chain((models) =>
  fc
    .array(fc.integer({ min: 1, max: 200 }), { minLength: models ** 2, maxLength: models ** 2 })
    .map((halves) => ({
      models,
      wins: Float64Array.from(halves, (n, i) => (i % (models + 1) === 0 ? 0 : n / 2)),
    })),
);

describe("Bradley and Terry", () => {
  test("the closed form on a star is what Newton's method finds", () => {
    const battles = fc.array(fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 3000 })), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(battles, (results) => {
        const models = results.length + 1;
        const wins = winsOf(
          models,
          ...results.flatMap(([won, lost], i): [number, number, number][] => [
            [i + 1, 0, won],
            [0, i + 1, lost],
          ]),
        );
        const newton = fitStrengths({
          models,
          first: Uint32Array.from(results, (_, i) => i + 1),
          second: new Uint32Array(results.length),
          wins: Float64Array.from(results, ([won]) => won),
          losses: Float64Array.from(results, ([, lost]) => lost),
          features: new Float64Array(0),
          featureCount: 0,
        });
        for (const [i, strength] of bradleyTerry(wins, models).entries())
          expect(strength).toBeCloseTo(newton[i]!, 10);
      }),
    );
  });

  test("every model is expected to win as much as it won", () => {
    fc.assert(
      fc.property(fullGraph, ({ models, wins }) => {
        const strengths = bradleyTerry(wins, models) as number[];
        for (let i = 0; i < models; i++) {
          let [won, expected] = [0, 0];
          for (let j = 0; j < models; j++) {
            won += wins[i * models + j]!;
            const met = wins[i * models + j]! + wins[j * models + i]!;
            expected += met / (1 + Math.exp(strengths[j]! - strengths[i]!));
          }
          expect(expected).toBeCloseTo(won, 7);
        }
      }),
    );
  });

  test("neither the order of the models nor the model that is 0 changes differences", () => {
    fc.assert(
      fc.property(fullGraph, fc.infiniteStream(fc.nat()), ({ models, wins }, keys) => {
        const order = Array.from({ length: models }, (_, i) => ({ i, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ i }) => i);
        const moved = Float64Array.from({ length: models ** 2 }, (_, place) => {
          return wins[order[Math.floor(place / models)]! * models + order[place % models]!]!;
        });
        const [before, after] = [bradleyTerry(wins, models), bradleyTerry(moved, models)] as [
          number[],
          number[],
        ];
        for (const [place, i] of order.entries())
          expect(after[place]! - after[0]!).toBeCloseTo(before[i]! - before[order[0]!]!, 8);
      }),
    );
  });

  test("a model that beats more never gets less: extremes are found too", () => {
    const strengths = bradleyTerry(winsOf(3, [0, 1, 1e6], [1, 0, 1], [1, 2, 1e6], [2, 1, 1]), 3);
    expect(strengths[1]).toBeCloseTo(-Math.log(1e6), 6);
    expect(strengths[2]).toBeCloseTo(-2 * Math.log(1e6), 6);
  });
});

describe("where no finite strength is the likeliest", () => {
  test("a star: never lost, never won, never met", () => {
    const wins = winsOf(4, [1, 0, 3], [0, 2, 3]);
    expect(bradleyTerry(wins, 4)).toEqual([0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, null]);
  });

  test("any graph: the rest is fitted without them", () => {
    // 0 and 1 beat each other 1 : 3. 2 beat 1 only; 3 lost to 0 only; 4 and 5 met each other alone; 6 lost to 2 alone.
    const battles: [number, number, number][] = [
      [1, 0, 3],
      [0, 1, 1],
      [2, 1, 5],
      [0, 3, 2],
      [4, 5, 2],
      [5, 4, 2],
      [2, 6, 1],
    ];
    const strengths = bradleyTerry(winsOf(7, ...battles), 7);
    expect(strengths[1]).toBeCloseTo(Math.log(3), 10);
    expect(strengths.toSpliced(1, 1)).toEqual([
      0,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      null,
      null,
      null,
    ]);
  });

  test("bounded ratings are finite for any graph, and the same where strengths are", () => {
    fc.assert(
      fc.property(graph, ({ models, wins }) => {
        const strengths = bradleyTerry(wins, models);
        const ratings = boundedRatings(wins, models);
        expect(ratings.every(Number.isFinite)).toBe(true);
        expect(ratings[0]).toBe(1000);
        if (!strengths.every((strength) => Number.isFinite(strength))) return;
        for (const [i, strength] of strengths.entries())
          expect(ratings[i]).toBeCloseTo(1000 + (400 * strength!) / Math.LN10, 7);
      }),
    );
  });

  test("half a tie: 3 of 3 won is 3.5 of 4", () => {
    expect(winRateOf(boundedRatings(winsOf(2, [1, 0, 3]), 2)[1]!)).toBeCloseTo(87.5, 10);
  });
});
