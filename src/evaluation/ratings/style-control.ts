/**
 * Battles and styles of answers -> ratings that are left when style is paid for, and what each feature is worth: Bradley
 * and Terry's model with features, both fitted at once (Chatbot Arena's style control, 2024). A feature is (first -
 * second) / (first + second), in units of its standard deviation over the battles. It is not centred, as it is there: at
 * no difference nothing is paid, also where one side of all battles is the baseline.
 */
import type { Battle, QuestionId } from "../arena/rows.ts";
import type { Interval } from "../estimate.ts";
import { fitStrengths, type Trials } from "./fit-strengths.ts";
import { intervalOf } from "./interval-of.ts";
import { ratingOf } from "./rating-scale.ts";
import { drawCounts } from "./resample.ts";
import { STYLE_FEATURES, type Style } from "./style-of.ts";

/** Keeps a model finite that won or lost everything; moves a rating of 1,000 battles by less than 0.1. */
const STYLE_RIDGE = 0.01;

export interface StyleControl {
  /** Of the models in the order of `models`. */
  ratings: { rating: number; interval: Interval }[];
  /** Log-odds a standard deviation, in the order of STYLE_FEATURES. */
  coefficients: { coefficient: number; interval: Interval }[];
}

export interface StyleControlOptions {
  /** The first of them is the baseline; all that are in the battles. */
  models: readonly string[];
  styles: ReadonlyMap<string, ReadonlyMap<QuestionId, Style>>;
  /** Of the bootstrap by question. */
  rounds: number;
  seed: number;
}

/** undefined where the style of an answer is not known. */
export function styleControl(
  battles: readonly Battle[],
  { models, styles, rounds, seed }: StyleControlOptions,
): StyleControl | undefined {
  const made = makeTrials(battles, models, styles);
  if (made === undefined) return undefined;
  const { trials, questionOf, questions } = made;
  const fitted = fitStrengths(trials, { ridge: STYLE_RIDGE });
  const values = Array.from(fitted, () => new Float64Array(rounds));
  const draw = drawCounts(questions, seed);
  for (let round = 0; round < rounds; round++) {
    const times = draw();
    const weights = questionOf.map((question) => times[question]!);
    const parameters = fitStrengths(trials, { ridge: STYLE_RIDGE, weights, start: fitted });
    for (const [i, value] of parameters.entries()) values[i]![round] = value;
  }
  const intervals = values.map(intervalOf);
  return {
    ratings: models.map((_, i) => ({
      rating: ratingOf(fitted[i]!),
      interval: { low: ratingOf(intervals[i]!.low), high: ratingOf(intervals[i]!.high) },
    })),
    coefficients: STYLE_FEATURES.map((_, f) => ({
      coefficient: fitted[models.length + f]!,
      interval: intervals[models.length + f]!,
    })),
  };
}

/** Battles of one pair on one question are one trial: they share their features. */
function makeTrials(
  battles: readonly Battle[],
  models: readonly string[],
  styles: StyleControlOptions["styles"],
): { trials: Trials; questionOf: Uint32Array; questions: number } | undefined {
  interface Trial {
    question: number;
    first: number;
    second: number;
    features: number[];
    wins: number;
    losses: number;
  }
  const questions = new Map<QuestionId, number>();
  const trials = new Map<string, Trial>();
  for (const { question_id, model_a, model_b, winner } of battles) {
    const key = JSON.stringify([question_id, model_a, model_b]);
    let trial = trials.get(key);
    if (trial === undefined) {
      const [a, b] = [styles.get(model_a)?.get(question_id), styles.get(model_b)?.get(question_id)];
      if (a === undefined || b === undefined) return undefined;
      if (!questions.has(question_id)) questions.set(question_id, questions.size);
      trial = {
        question: questions.get(question_id)!,
        first: models.indexOf(model_a),
        second: models.indexOf(model_b),
        features: STYLE_FEATURES.map((feature) => relativeDifference(a[feature], b[feature])),
        wins: 0,
        losses: 0,
      };
      trials.set(key, trial);
    }
    const points = winner === "model_a" ? 1 : winner === "tie" ? 0.5 : 0;
    trial.wins += points;
    trial.losses += 1 - points;
  }
  const all = [...trials.values()];
  const deviations = STYLE_FEATURES.map((_, f) =>
    deviation(all.map((t) => [t.features[f]!, t.wins + t.losses])),
  );
  return {
    trials: {
      models: models.length,
      first: Uint32Array.from(all, (t) => t.first),
      second: Uint32Array.from(all, (t) => t.second),
      wins: Float64Array.from(all, (t) => t.wins),
      losses: Float64Array.from(all, (t) => t.losses),
      features: Float64Array.from(
        all.flatMap((t) => t.features.map((value, f) => value / (deviations[f]! || 1))),
      ),
      featureCount: STYLE_FEATURES.length,
    },
    questionOf: Uint32Array.from(all, (t) => t.question),
    questions: questions.size,
  };
}

const relativeDifference = (a: number, b: number) => (a + b === 0 ? 0 : (a - b) / (a + b));

/** Of values with what each counts for. */
function deviation(values: readonly (readonly [number, number])[]): number {
  const total = values.reduce((sum, [, weight]) => sum + weight, 0);
  const mean = values.reduce((sum, [value, weight]) => sum + weight * value, 0) / total;
  return Math.sqrt(values.reduce((sum, [value, weight]) => sum + weight * (value - mean) ** 2, 0) / total);
}
