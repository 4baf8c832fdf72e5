import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { expect, test } from "vitest";
import type { Battle } from "../arena/rows.ts";
import { ratingOf } from "./rating-scale.ts";
import { styleControl } from "./style-control.ts";
import type { Style } from "./style-of.ts";

const MODELS = ["base", "long", "short"];
/** Log-odds, and what a relative difference in length of 1 is worth to a judge that likes long answers. */
const STRENGTHS = [0, 0.4, -0.3];
const LENGTH_WORTH = 2;

/** A judge of 3,000 questions whose strengths and taste are known. */
function simulate() {
  const random = xoroshiro128plus(17);
  const uniform = () => ((random.next() >>> 0) + 0.5) / 2 ** 32;
  const styles = new Map(MODELS.map((model) => [model, new Map<number, Style>()]));
  const battles: Battle[] = [];
  for (let question_id = 0; question_id < 3000; question_id++) {
    const lengths = MODELS.map((_, i) => uniformInt(random, 50, 400) * [1, 2, 0.6][i]!);
    for (const [i, model] of MODELS.entries())
      styles.get(model)!.set(question_id, {
        ...{
          length: lengths[i]!,
          headers: uniformInt(random, 0, 3),
          lists: 0,
          bold: uniformInt(random, 0, 9),
        },
      });
    for (const [i, model_b] of MODELS.entries()) {
      if (i === 0) continue;
      const taste = (LENGTH_WORTH * (lengths[i]! - lengths[0]!)) / (lengths[i]! + lengths[0]!);
      const isWin = uniform() < 1 / (1 + Math.exp(-STRENGTHS[i]! - taste));
      battles.push({ question_id, model_a: "base", model_b, winner: isWin ? "model_b" : "model_a" });
    }
  }
  return { battles, styles };
}

test("finds the strengths below the style, and what each feature is worth", () => {
  const { battles, styles } = simulate();
  const { ratings, coefficients } = styleControl(battles, { models: MODELS, styles, rounds: 100, seed: 1 })!;
  expect(ratings[0]).toEqual({ rating: 1000, interval: { low: 1000, high: 1000 } });
  for (const i of [1, 2]) {
    const truth = ratingOf(STRENGTHS[i]!);
    expect(Math.abs(ratings[i]!.rating - truth)).toBeLessThan(25);
    expect(ratings[i]!.interval.low).toBeLessThan(truth);
    expect(ratings[i]!.interval.high).toBeGreaterThan(truth);
    // Without control the taste of the judge is taken for strength.
    const won = battles.filter(({ model_b, winner }) => model_b === MODELS[i] && winner === "model_b").length;
    expect(Math.abs(ratingOf(Math.log(won / (3000 - won))) - truth)).toBeGreaterThan(50);
  }
  const [length, headers, lists, bold] = coefficients;
  // A standard deviation of the relative difference is about 0.4.
  expect(length!.coefficient).toBeGreaterThan(0.6);
  expect(length!.interval.low).toBeGreaterThan(0.5);
  for (const nothing of [headers!, bold!]) {
    expect(nothing.interval.low).toBeLessThan(0);
    expect(nothing.interval.high).toBeGreaterThan(0);
  }
  expect(lists).toEqual({ coefficient: 0, interval: { low: 0, high: 0 } });
});

test("is absent where the style of an answer is not known", () => {
  const { battles, styles } = simulate();
  styles.get("short")!.delete(7);
  expect(styleControl(battles, { models: MODELS, styles, rounds: 1, seed: 1 })).toBeUndefined();
});
