/** Battles -> the ratings of a leaderboard, with both intervals, and what is left of them when length or style is paid for. */
import type { Interval } from "../estimate.ts";
import { intervalOf } from "../interval-of.ts";
import { boundedRatings, bradleyTerry } from "../ratings/bradley-terry.ts";
import { elo } from "../ratings/elo.ts";
import { lengthControlWeights } from "../ratings/length-control.ts";
import { publishedScore } from "../ratings/published-score.ts";
import { rankRanges } from "../ratings/rank-ranges.ts";
import { RATING_INITIAL, winRateOf } from "../ratings/rating-scale.ts";
import { bootstrapRatings, drawnQuestions, drawnRows, publishedRows } from "../ratings/resample.ts";
import { type StyleControl, styleControl } from "../ratings/style-control.ts";
import { cellSums, makeTally, type Tally, winsOf } from "../ratings/tally.ts";
import { type Answers, averageTokens, mapAnswers } from "./answers.ts";
import type { Intervals, LeaderboardRow } from "./arena-report.ts";
import { outcomeOf } from "./outcome-of.ts";
import type { Battle, JudgmentRow } from "./rows.ts";

/** Rounds of the intervals that arena-hard and Ru-Arena-General print. */
export const PUBLISHED_ROUNDS = 100;

export interface LeaderboardOptions {
  baseline: string;
  answers: Answers;
  rowRounds: number;
  questionRounds: number;
  styleRounds: number;
  seed: number;
}

export interface Leaderboard {
  /** The best first. */
  rows: LeaderboardRow[];
  /** Models that no chain of battles compares with the baseline. */
  unrated: string[];
  style?: StyleControl["coefficients"];
}

/** `judgments` are those that `battles` are made of; they count the games. */
export function makeLeaderboard(
  judgments: readonly JudgmentRow[],
  battles: readonly Battle[],
  options: LeaderboardOptions,
): Leaderboard {
  const { baseline, answers } = options;
  const all = makeTally(battles, baseline);
  const strengths = bradleyTerry(winsOf(all, cellSums(all)), all.models.length);
  const isRated = (model: string) => strengths[all.models.indexOf(model)] !== null;
  const judged = new Set(judgments.flatMap((judgment) => [judgment.baseline, judgment.model]));
  const unrated = [...judged].filter((model) => !all.models.includes(model) || !isRated(model));
  const rated = battles.filter(({ model_a, model_b }) => isRated(model_a) && isRated(model_b));
  const tally = makeTally(rated, baseline);
  const plain = rate(tally, options);
  const weights = lengthControlWeights(
    rated,
    mapAnswers(answers, ({ style }) => style.length),
  );
  const controlled = weights && rate(makeTally(rated, baseline, weights), options);
  const style = styleControl(rated, {
    models: tally.models,
    styles: mapAnswers(answers, ({ style }) => style),
    rounds: options.styleRounds,
    seed: options.seed,
  });
  const elos = elo(rated);
  const eloOfBaseline = elos.get(baseline) ?? RATING_INITIAL;
  const ranks = rankRanges(plain.byQuestion);
  const counts = countGames(judgments);
  const rows = tally.models.map((model, i): LeaderboardRow => {
    const rating = plain.ratings[i]!;
    const strength = strengths[all.models.indexOf(model)]!;
    const tokens = averageTokens(answers.get(model));
    return {
      model,
      rating,
      ...(Number.isFinite(strength)
        ? {}
        : { bound: strength > 0 ? ("at least" as const) : ("at most" as const) }),
      ratingIntervals: intervalsOf(plain, i),
      winRate: winRateOf(rating),
      winRateIntervals: winRatesOf(intervalsOf(plain, i)),
      published: publishedScore(rating, plain.byRow[i]!),
      rank: ranks[i]!,
      elo: (elos.get(model) ?? RATING_INITIAL) - eloOfBaseline + RATING_INITIAL,
      ...(controlled === undefined ? {} : { lengthControlled: lengthControlled(controlled, i) }),
      ...(style === undefined ? {} : { styleControlled: style.ratings[i]! }),
      ...(tokens === undefined ? {} : { averageTokens: tokens }),
      battles: rated.filter(({ model_a, model_b }) => model_a === model || model_b === model).length,
      ...(counts.get(model) ?? { questions: 0, games: 0, unscored: 0 }),
    };
  });
  return {
    rows: rows.sort((a, b) => b.rating - a.rating),
    unrated,
    ...(style === undefined ? {} : { style: style.coefficients }),
  };
}

interface Rated {
  /** In the order of the tally's models, as the intervals. */
  ratings: Float64Array;
  byRow: Interval[];
  byQuestion: Interval[];
}

function rate(tally: Tally, { rowRounds, questionRounds, seed }: LeaderboardOptions): Rated {
  const asPublished = rowRounds === PUBLISHED_ROUNDS || tally.weights !== undefined;
  const rows = asPublished ? publishedRows(tally) : drawnRows(tally, seed);
  return {
    ratings: boundedRatings(winsOf(tally, cellSums(tally)), tally.models.length),
    byRow: bootstrapRatings(tally, rows, rowRounds).map(intervalOf),
    byQuestion: bootstrapRatings(tally, drawnQuestions(tally, seed), questionRounds).map(intervalOf),
  };
}

const intervalsOf = ({ byRow, byQuestion }: Rated, i: number): Intervals => ({
  byRow: byRow[i]!,
  byQuestion: byQuestion[i]!,
});

/** Win rates rise with ratings: their percentiles are those of the ratings. */
const winRatesOf = ({ byRow, byQuestion }: Intervals): Intervals => ({
  byRow: { low: winRateOf(byRow.low), high: winRateOf(byRow.high) },
  byQuestion: { low: winRateOf(byQuestion.low), high: winRateOf(byQuestion.high) },
});

function lengthControlled(rated: Rated, i: number): NonNullable<LeaderboardRow["lengthControlled"]> {
  const rating = rated.ratings[i]!;
  return {
    rating,
    winRate: winRateOf(rating),
    winRateIntervals: winRatesOf(intervalsOf(rated, i)),
    published: publishedScore(rating, rated.byRow[i]!),
  };
}

/** By model; the baseline takes part in all of them. */
function countGames(judgments: readonly JudgmentRow[]) {
  const counts = new Map<string, { questions: Set<unknown>; games: number; unscored: number }>();
  for (const { question_id, baseline, model, games } of judgments)
    for (const name of [baseline, model]) {
      const count = counts.get(name) ?? { questions: new Set(), games: 0, unscored: 0 };
      counts.set(name, count);
      count.questions.add(question_id);
      count.games += games.length;
      count.unscored += games.filter(({ score }, game) => outcomeOf(score, game) === undefined).length;
    }
  return new Map([...counts].map(([name, count]) => [name, { ...count, questions: count.questions.size }]));
}
