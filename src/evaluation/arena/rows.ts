/** What an arena keeps on disk, one JSON line each, in the shapes of arena-hard and Ru-Arena-General. */
import type { CallFailure, LabelFailure } from "../calls/failure-of.ts";

export type QuestionId = number | string;

export interface QuestionRow {
  question_id: QuestionId;
  /** The topic. */
  cluster?: number | string;
  turns: { content: string }[];
  category?: string;
}

export interface AnswerRow {
  question_id: QuestionId;
  answer_id: string;
  model_id: string;
  /** One choice of one turn; `token_len` counts cl100k tokens. */
  choices: { index: number; turns: { content: string; token_len?: number }[] }[];
  /** Seconds since 1970. */
  tstamp: number;
}

/**
 * What kept a game from having a score, or a score from counting; each is shown by its name. Only `wrong-language` stands
 * beside a score that counts.
 */
export type GameFailure = CallFailure | LabelFailure;

export interface GameRow {
  /** `A>>B A>B A=B B>A B>>A`, or what the judge wrote in their place, which does not count. null: there is none. */
  score: string | null;
  failure?: GameFailure;
  /** All that the judge wrote; empty where it wrote nothing. */
  judgment?: string;
}

/** Both games of one question: the baseline stands first (A) in the first game, and second (B) in the second. */
export interface JudgmentRow {
  question_id: QuestionId;
  model: string;
  baseline: string;
  judge: string;
  games: GameRow[];
}

/** One row that ratings are made of. */
export interface Battle {
  question_id: QuestionId;
  model_a: string;
  model_b: string;
  winner: "model_a" | "model_b" | "tie";
}
