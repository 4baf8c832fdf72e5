/** All that a report of an arena shows, as plain data: what is computed in one place and drawn in another. */
import type { Interval } from "../estimate.ts";
import type { Manifest } from "../manifest.ts";
import type { PublishedScore } from "../ratings/published-score.ts";
import type { GameFailure, QuestionId } from "./rows.ts";

export interface ArenaReport {
  kind: "arena";
  manifest: Manifest;
  baseline: string;
  judge: string;
  /** By rating, the best first; the baseline is among them. */
  leaderboard: LeaderboardRow[];
  /** Models that no chain of battles compares with the baseline: no game has a score, or none against anybody who met it. */
  unrated?: string[];
  /** What style is worth beside the model: log-odds a standard deviation. Absent where answers are not known. */
  style?: { feature: StyleFeature; coefficient: number; interval: Interval }[];
  /** Percent of won battles of the row's model against the column's, ties as half; null where they never met. */
  winRates: { models: string[]; rates: (number | null)[][] };
  /** Of all pairs of models that answered the same questions. */
  comparisons: PairedComparison[];
  topics: TopicRow[];
  judgeHealth: { all: JudgeHealth; byModel: Record<string, JudgeHealth> };
  verdicts: Verdict[];
}

export type StyleFeature = "length" | "headers" | "lists" | "bold";

/** Both intervals of one figure: resampled by battle, as published ones are, and by question, which is honest. */
export interface Intervals {
  byRow: Interval;
  byQuestion: Interval;
}

export interface LeaderboardRow {
  model: string;
  /** Of Bradley and Terry: 1000 is the baseline, 400 a factor of ten in odds. */
  rating: number;
  /** The likeliest rating is infinite, since it lost, or won, nothing: the one here has half a battle more, a tie. */
  bound?: "at least" | "at most";
  ratingIntervals: Intervals;
  /** Percent against the baseline. */
  winRate: number;
  winRateIntervals: Intervals;
  /** Win rate and interval by battle as published tables print them. */
  published?: PublishedScore;
  /** The best and the worst rank that its interval by question allows. */
  rank: { best: number; worst: number };
  /** Shifted so that the baseline has 1000. */
  elo: number;
  /** Longer answers win less: present where the lengths of all answers are known. */
  lengthControlled?: {
    rating: number;
    winRate: number;
    winRateIntervals: Intervals;
    published?: PublishedScore;
  };
  /** What is left when length and formatting are paid for. */
  styleControlled?: { rating: number; interval: Interval };
  /** Mean of cl100k tokens an answer, truncated. */
  averageTokens?: number;
  /** Rows of battles, questions, games, and games without a score. */
  battles: number;
  questions: number;
  games: number;
  unscored: number;
}

/** On the questions that both answered: mean difference of scores (1 won, 0.5 tie, 0 lost against the baseline), percent. */
export interface PairedComparison {
  model: string;
  other: string;
  questions: number;
  difference: number;
  interval: Interval;
  /** Two-sided, from the bootstrap by question; adjusted after Holm (1979) over all pairs. */
  p: number;
  adjustedP: number;
}

export interface TopicRow {
  topic: string;
  model: string;
  questions: number;
  /** Percent. */
  winRate: number;
  interval: Interval;
}

export interface JudgeHealth {
  games: number;
  scored: number;
  failures: Partial<Record<GameFailure, number>>;
  /** Of questions with two scores: the same verdict, whichever stood first; percent. */
  consistency: number | null;
  /** Of games with a score that is no tie: won by what stood first; percent, 50 is unbiased. */
  firstWins: number | null;
  /** Of games with a score: percent. */
  ties: number | null;
}

/** One question of one model, to be read by a person. */
export interface Verdict {
  questionId: QuestionId;
  topic?: string;
  question?: string;
  model: string;
  answer?: string;
  baselineAnswer?: string;
  games: { first: "baseline" | "model"; score: string | null; failure?: GameFailure; judgment?: string }[];
  /** In points of the model: 1 won both games, 0 lost both; null without any score. */
  points: number | null;
  /** The games contradict each other. */
  isContradictory: boolean;
}
