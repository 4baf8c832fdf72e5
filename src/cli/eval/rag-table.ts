/** The short table of a RAG report, as Markdown: the card's three columns by domain, and how often answers refuse. */
import type { Estimate } from "../../evaluation/estimate.ts";
import type { RagReport, RagRow } from "../../evaluation/rag/rag-report.ts";

const HEADS = [
  "model",
  "protocol",
  "domain",
  "judged correct, %",
  "ROUGE-L",
  "ids that differ",
  "ids exact, %",
  "refused, %",
  "failed",
];

/** With intervals, and the number of questions in the column of failures. */
export function ragTable({ rows }: RagReport): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = HEADS.map((_, at) => (at < 3 ? "---" : "---:"));
  return [line(HEADS), line(rule), ...rows.map((row) => line(cellsOf(row)))];
}

function cellsOf({ model, protocol, domain, metrics, failures, questions }: RagRow): string[] {
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
  return [
    model.replaceAll("|", "\\|"),
    protocol,
    domain,
    shown(metrics.judge_correct_percent, 1),
    shown(metrics.avg_answer_match_rougeL, 2),
    shown(metrics.avg_abs_indexes_diff, 2),
    shown(metrics.id_exact_match, 1),
    shown(domain === "in_domain" ? metrics.wrong_refusal_rate : metrics.refusal_rate, 1),
    `${failed} of ${questions}`,
  ];
}

function shown(estimate: Estimate | undefined, decimals: number): string {
  if (!estimate) return "NaN";
  const { value, interval } = estimate;
  return `${value.toFixed(decimals)} (${interval.low.toFixed(decimals)}-${interval.high.toFixed(decimals)})`;
}
