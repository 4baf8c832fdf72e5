import fc from "fast-check";
import { expect, test } from "vitest";
import { reciprocalRankFusion } from "./reciprocal-rank-fusion.ts";

const order = <T>(rankings: T[][]) => reciprocalRankFusion(rankings).map(({ item }) => item);

test("what both rank high comes first, and nothing is lost", () => {
  expect(
    order([
      ["a", "b", "c"],
      ["c", "b", "d"],
    ]).sort(),
  ).toEqual(["a", "b", "c", "d"]);
  expect(
    order([
      ["a", "b"],
      ["b", "c"],
    ])[0],
  ).toBe("b");
  expect(order([[], ["x"]])).toEqual(["x"]);
});

test("one ranking stays as it is; the order of rankings does not matter for scores", () => {
  const ranking = fc.uniqueArray(fc.nat(50));
  fc.assert(
    fc.property(ranking, (one) => {
      expect(order([one])).toEqual(one);
    }),
  );
  fc.assert(
    fc.property(ranking, ranking, (a, b) => {
      const scores = (rankings: number[][]) =>
        new Map(reciprocalRankFusion(rankings).map(({ item, score }) => [item, score.toFixed(12)]));
      expect(scores([a, b])).toEqual(scores([b, a]));
    }),
  );
});
