/** What two runs of one benchmark have in common, and where they differ, as plain data. */
import type { Interval } from "../../estimate.ts";

export interface ReportComparison {
  kind: "arena" | "rag";
  /** When each was made, ISO 8601. */
  before: string;
  after: string;
  figures: ComparedFigure[];
  changes: VerdictChange[];
  /** Models, with their way of asking, that only one of both has. */
  onlyBefore: string[];
  onlyAfter: string[];
  /** What differs in the manifests: settings, hashes of data (SHA-256), hashes of prompts and rules. */
  settings: { name: string; before: string | null; after: string | null }[];
}

export interface ComparedFigure {
  /** The model; with protocol and domain where there are any. */
  name: string;
  metric: string;
  before: number;
  after: number;
  /** after - before, in the unit of the metric. */
  difference: number;
  /** 95 %; null where too few questions are known for one. */
  interval: Interval | null;
  /** The questions it is made of: those of both runs, or all where runs are compared by their intervals. */
  questions: number;
}

/** A question whose verdict is another one now. */
export interface VerdictChange {
  questionId: number | string;
  name: string;
  question?: string;
  before: VerdictState;
  after: VerdictState;
  /** Answers and judgments, as far as the reports have them. */
  answers: { before: string | null; after: string | null };
}

/** Points of a model in an arena (0 lost both games, 1 won both), or what became of a question. */
export type VerdictState = number | "correct" | "wrong" | "no-verdict" | "not-judged" | "failed" | "unscored";
