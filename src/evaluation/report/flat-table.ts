/**
 * Reports as tables of plain cells, for CSV and Markdown: a figure, and the ends of its interval beside it. A comparison
 * of two runs is one as well.
 */
import type { ArenaReport } from "../arena/arena-report.ts";
import type { Interval } from "../estimate.ts";
import type { RagReport } from "../rag/rag-report.ts";
import type { ReportComparison } from "./compare/report-comparison.ts";
import type { Report } from "./report.ts";

/** Absent: not known. */
export type Cell = string | number | undefined;

export interface FlatTable {
  columns: string[];
  rows: Cell[][];
}

type Fields = Record<string, Cell>;

/** The leaderboard of an arena, all metrics of the RAG benchmark, or the differences of two runs. */
export function flatTable(report: Report | ReportComparison): FlatTable {
  const rows =
    "figures" in report
      ? comparisonRows(report)
      : report.kind === "arena"
        ? arenaRows(report)
        : ragRows(report);
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return { columns, rows: rows.map((row) => columns.map((column) => row[column])) };
}

function arenaRows({ leaderboard }: ArenaReport): Fields[] {
  return leaderboard.map((row) => ({
    model: row.model,
    rank_best: row.rank.best,
    rank_worst: row.rank.worst,
    ...withInterval("rating", row.rating, row.ratingIntervals.byQuestion),
    ...ends("rating_by_battle", row.ratingIntervals.byRow),
    ...withInterval("win_rate", row.winRate, row.winRateIntervals.byQuestion),
    ...ends("win_rate_by_battle", row.winRateIntervals.byRow),
    length_controlled_rating: row.lengthControlled?.rating,
    ...withInterval(
      "length_controlled_win_rate",
      row.lengthControlled?.winRate,
      row.lengthControlled?.winRateIntervals.byQuestion,
    ),
    ...withInterval("style_controlled_rating", row.styleControlled?.rating, row.styleControlled?.interval),
    elo: row.elo,
    average_tokens: row.averageTokens,
    questions: row.questions,
    battles: row.battles,
    games: row.games,
    unscored: row.unscored,
  }));
}

function ragRows({ rows, metrics }: RagReport): Fields[] {
  return rows.map((row) => ({
    model: row.model,
    protocol: row.protocol,
    domain: row.domain,
    questions: row.questions,
    failures: sum(row.failures),
    judge_failures: sum(row.judgeFailures),
    ...Object.assign(
      {},
      ...metrics.map(({ name }) => withInterval(name, row.metrics[name]?.value, row.metrics[name]?.interval)),
    ),
  }));
}

function comparisonRows({ figures }: ReportComparison): Fields[] {
  return figures.map(({ name, metric, before, after, difference, interval, questions }) => ({
    model: name,
    metric,
    before,
    after,
    ...withInterval("difference", difference, interval ?? undefined),
    questions,
  }));
}

const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0);

const withInterval = (name: string, value: number | undefined, interval: Interval | undefined): Fields => ({
  [name]: value,
  ...ends(name, interval),
});

const ends = (name: string, interval: Interval | undefined): Fields => ({
  [`${name}_low`]: interval?.low,
  [`${name}_high`]: interval?.high,
});
