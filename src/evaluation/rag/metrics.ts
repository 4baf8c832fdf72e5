/** The figures of the RAG benchmark: what each means, and what one answered question adds to each. */
import type { GroundedTestRow } from "../../datasets/grounded-test-row.ts";
import type { RagAnswer } from "./ask-grounded.ts";
import { estimateMean, type Observed } from "./bootstrap.ts";
import type { MetricName, Metrics, RagReport } from "./rag-report.ts";
import { readsAsRefusal } from "./reads-as-refusal.ts";
import { ROUGE_TOKENIZER, rougeL } from "./rouge-l.ts";

/** One question that was answered. `isCorrect`: null where there is no verdict. */
export interface Observation {
  row: GroundedTestRow;
  answer: RagAnswer;
  isCorrect: boolean | null;
}

interface Metric {
  title: string;
  unit: RagReport["metrics"][number]["unit"];
  definition: string;
  /** undefined: this question says nothing of it. */
  valueOf(observation: Observation): number | undefined;
}

const percent = (holds: boolean) => (holds ? 100 : 0);

const METRICS: Record<MetricName, Metric> = {
  judge_correct_percent: {
    title: "Judged correct",
    unit: "percent",
    definition:
      "Share of the answers that the judge calls correct: relevant, and factually complete by the documents and the reference answer. Answers without a verdict are left out, and counted beside it.",
    valueOf: ({ isCorrect }) => (isCorrect === null ? undefined : percent(isCorrect)),
  },
  avg_answer_match_rougeL: {
    title: "ROUGE-L",
    unit: "points",
    definition: `Mean ROUGE-L F1 (Lin 2004, beta 1) of the answer and the reference answer, from 0 to 1. Words: ${ROUGE_TOKENIZER}.`,
    valueOf: ({ row, answer }) => rougeL(answer.answer, row.reference),
  },
  avg_abs_indexes_diff: {
    title: "Ids that differ",
    unit: "ids",
    definition:
      "Mean number of documents a question that are named and not expected, or expected and not named (the size of the symmetric difference). The card prints a figure of this name, and its notebook is not public: this definition is ours. Absent where a model names no ids.",
    valueOf: ({ row, answer }) =>
      answer.predictedIds ? differing(answer.predictedIds, row.relevantDocIds) : undefined,
  },
  id_precision: {
    title: "Id precision",
    unit: "percent",
    definition:
      "Share of the documents named that are expected, a question's share first, then the mean over the in-domain questions for which any is named.",
    valueOf: ({ row, answer }) =>
      row.domain === "in_domain" && answer.predictedIds
        ? shareOf(answer.predictedIds, row.relevantDocIds)
        : undefined,
  },
  id_recall: {
    title: "Id recall",
    unit: "percent",
    definition:
      "Share of the documents expected that are named, a question's share first, then the mean over in-domain questions.",
    valueOf: ({ row, answer }) =>
      row.domain === "in_domain" && answer.predictedIds
        ? shareOf(row.relevantDocIds, answer.predictedIds)
        : undefined,
  },
  id_exact_match: {
    title: "Ids exact",
    unit: "percent",
    definition:
      "Share of the questions for which exactly the expected documents are named; out of domain: none at all.",
    valueOf: ({ row, answer }) =>
      answer.predictedIds ? percent(differing(answer.predictedIds, row.relevantDocIds) === 0) : undefined,
  },
  refusal_rate: {
    title: "Refused rightly",
    unit: "percent",
    definition:
      "Share of the out-of-domain questions whose answer says that the documents hold none, by its words (the rule is in the manifest), whatever ids are named.",
    valueOf: ({ row, answer }) =>
      row.domain === "out_of_domain" ? percent(readsAsRefusal(answer.answer)) : undefined,
  },
  wrong_refusal_rate: {
    title: "Refused wrongly",
    unit: "percent",
    definition: "Share of the in-domain questions whose answer says, by the same rule, that there is none.",
    valueOf: ({ row, answer }) =>
      row.domain === "in_domain" ? percent(readsAsRefusal(answer.answer)) : undefined,
  },
  citation_precision: {
    title: "Citation precision",
    unit: "percent",
    definition:
      "Of in-domain answers that do not refuse: share of the citations (a sentence and a document that supports it) that lead to an expected document, an answer's share first, then the mean over answers with any. Citations are found by words (src/grounding/cite.ts), not written by the model. Named after ALCE (Gao et al. 2023), which asks an NLI model instead.",
    valueOf: ({ row, answer }) =>
      isAnswered(row, answer) ? shareOf(answer.citedIds.flat(), row.relevantDocIds) : undefined,
  },
  citation_recall: {
    title: "Citation recall",
    unit: "percent",
    definition:
      "Of in-domain answers that do not refuse: share of the sentences that some document supports, an answer's share first, then the mean over answers.",
    valueOf: ({ row, answer }) => {
      if (!isAnswered(row, answer)) return undefined;
      const { citedIds } = answer;
      const supported = citedIds.filter((ids) => ids.length > 0).length;
      return citedIds.length === 0 ? 0 : (100 * supported) / citedIds.length;
    },
  },
};

const NAMES = Object.keys(METRICS) as MetricName[];

export function metricDefinitions(): RagReport["metrics"] {
  return NAMES.map((name) => {
    const { title, definition, unit } = METRICS[name];
    return { name, title, definition, unit };
  });
}

/** Of all that were answered; metrics about which they say nothing are absent. */
export function metricsOf(observations: readonly Observation[]): Metrics {
  const metrics: Metrics = {};
  for (const name of NAMES) {
    const observed = observations.flatMap((observation): Observed[] => {
      const value = METRICS[name].valueOf(observation);
      return value === undefined ? [] : [{ cluster: clusterOf(observation.row), value }];
    });
    const estimate = estimateMean(observed);
    if (estimate) metrics[name] = estimate;
  }
  return metrics;
}

export const clusterOf = ({ cluster, id }: GroundedTestRow): string => cluster ?? id;

function isAnswered(row: GroundedTestRow, { answer }: RagAnswer): boolean {
  return row.domain === "in_domain" && !readsAsRefusal(answer);
}

/** Percent; undefined of nothing. */
function shareOf(ids: readonly number[], among: readonly number[]): number | undefined {
  if (ids.length === 0) return undefined;
  return (100 * ids.filter((id) => among.includes(id)).length) / ids.length;
}

/** Size of the symmetric difference; both are without repeats. */
function differing(a: readonly number[], b: readonly number[]): number {
  return a.filter((id) => !b.includes(id)).length + b.filter((id) => !a.includes(id)).length;
}
