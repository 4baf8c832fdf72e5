/** All that a report of the RAG benchmark shows, as plain data: what is computed in one place and drawn in another. */
import type { Estimate } from "../estimate.ts";
import type { Manifest } from "../manifest.ts";

export interface RagReport {
  kind: "rag";
  manifest: Manifest;
  /** Definition of every metric in a sentence, in the order of the columns. */
  metrics: { name: MetricName; title: string; definition: string; unit: "percent" | "points" | "ids" }[];
  rows: RagRow[];
  /** The same questions with 0 to 5 documents that do not help. */
  noise: { model: string; protocol: Protocol; distractors: number; metrics: Metrics }[];
  /** Documents that say otherwise than the world does. */
  counterfactual: { model: string; protocol: Protocol; followsDocument: Estimate; saysOtherwise: Estimate }[];
  /** Instructions hidden in documents: how many succeeded, percent. */
  attacks: { model: string; protocol: Protocol; attack: string; language: "ru" | "en"; success: Estimate }[];
  /** Of the probabilities of relevance. */
  calibration: { model: string; error: Estimate; bins: CalibrationBin[] }[];
  questions: RagQuestionView[];
}

/** Both steps of the model card, or one prompt for models that know no `documents` role. */
export type Protocol = "two-step" | "single-prompt";

export type Domain = "in_domain" | "out_of_domain";

export type MetricName =
  | "judge_correct_percent"
  | "avg_answer_match_rougeL"
  | "avg_abs_indexes_diff"
  | "id_precision"
  | "id_recall"
  | "id_exact_match"
  | "refusal_rate"
  | "wrong_refusal_rate"
  | "citation_precision"
  | "citation_recall";

/** Absent: not defined here (no judge, no ids). */
export type Metrics = Partial<Record<MetricName, Estimate>>;

export interface RagRow {
  model: string;
  protocol: Protocol;
  domain: Domain;
  questions: number;
  /** Questions that have no answer because a call failed, by kind. They count as wrong nowhere: they are left out. */
  failures: Record<string, number>;
  /** Verdicts that are none, by kind. */
  judgeFailures: Record<string, number>;
  metrics: Metrics;
}

export interface CalibrationBin {
  low: number;
  high: number;
  count: number;
  /** Mean probability given, and the share that was relevant; absent where the bin is empty. */
  probability?: number;
  relevant?: Estimate;
}

/** One question of one model, to be read by a person. */
export interface RagQuestionView {
  id: string;
  model: string;
  protocol: Protocol;
  domain: Domain;
  language: "ru" | "en";
  question: string;
  documents: { docId: number; title: string | null; content: string }[];
  expectedIds: number[];
  predictedIds: number[] | null;
  reference: string;
  answer: string | null;
  failure?: string;
  /** null: the judge gave no verdict that counts; absent: nobody judged. */
  isCorrect?: boolean | null;
  judgment?: string;
}
