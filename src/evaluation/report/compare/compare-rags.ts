/**
 * Two reports of the RAG benchmark -> the change of every metric. Its interval is made of both intervals (Newcombe
 * 1998, "square and add"), as if the runs had asked different questions: on the same ones it is too wide, not too narrow.
 */
import type { Estimate, Interval } from "../../estimate.ts";
import type { RagQuestionView, RagReport } from "../../rag/rag-report.ts";
import type { ComparedFigure, ReportComparison, VerdictState } from "./report-comparison.ts";

type Compared = Pick<ReportComparison, "figures" | "changes" | "onlyBefore" | "onlyAfter">;

export function compareRags(before: RagReport, after: RagReport): Compared {
  const old = new Map(before.rows.map((row) => [rowName(row), row]));
  const now = new Map(after.rows.map((row) => [rowName(row), row]));
  const figures = [...now].flatMap(([name, { metrics }]) =>
    after.metrics.flatMap(({ name: metric }): ComparedFigure[] => {
      const [was, is] = [old.get(name)?.metrics[metric], metrics[metric]];
      return was && is ? [compared(name, metric, was, is)] : [];
    }),
  );
  const asked = new Map(before.questions.map((view) => [viewKey(view), view]));
  const changes = after.questions.flatMap((view) => {
    const earlier = asked.get(viewKey(view));
    if (!earlier || stateOf(earlier) === stateOf(view)) return [];
    return {
      questionId: view.id,
      name: rowName(view),
      question: view.question,
      before: stateOf(earlier),
      after: stateOf(view),
      answers: { before: earlier.answer, after: view.answer },
    };
  });
  return {
    figures,
    changes,
    onlyBefore: [...old.keys()].filter((name) => !now.has(name)),
    onlyAfter: [...now.keys()].filter((name) => !old.has(name)),
  };
}

function compared(name: string, metric: string, before: Estimate, after: Estimate): ComparedFigure {
  return {
    name,
    metric,
    before: before.value,
    after: after.value,
    difference: after.value - before.value,
    interval: squareAndAdd(before, after),
    questions: Math.min(before.count, after.count),
  };
}

function squareAndAdd(before: Estimate, after: Estimate): Interval {
  const difference = after.value - before.value;
  return {
    low: difference - Math.hypot(after.value - after.interval.low, before.interval.high - before.value),
    high: difference + Math.hypot(after.interval.high - after.value, before.value - before.interval.low),
  };
}

type Asked = Pick<RagQuestionView, "model" | "protocol" | "domain">;

const rowName = ({ model, protocol, domain }: Asked): string => `${model} · ${protocol} · ${domain}`;

const viewKey = (view: RagQuestionView): string => JSON.stringify([view.id, rowName(view)]);

function stateOf({ failure, answer, isCorrect }: RagQuestionView): VerdictState {
  if (failure !== undefined || answer === null) return "failed";
  if (isCorrect === undefined) return "not-judged";
  if (isCorrect === null) return "no-verdict";
  return isCorrect ? "correct" : "wrong";
}
