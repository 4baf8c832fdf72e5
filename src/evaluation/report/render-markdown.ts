/** Reports as Markdown, to be put into a README or an issue: the main tables, the judge, how they were made. */

import type { ArenaReport, LeaderboardRow } from "../arena/arena-report.ts";
import type { Estimate, Interval } from "../estimate.ts";
import type { Manifest } from "../manifest.ts";
import type { RagReport } from "../rag/rag-report.ts";
import { rankText } from "./arena/leaderboard-table.ts";
import type { ReportComparison } from "./compare/report-comparison.ts";
import { figure, range, signed, signedRange } from "./page/figures.ts";
import { revealHidden } from "./page/reveal-hidden.ts";
import { metricDecimals } from "./rag/metric-columns.ts";
import type { Report } from "./report.ts";

export function renderMarkdown(
  reports: readonly Report[],
  comparisons: readonly ReportComparison[] = [],
): string {
  return [
    ...comparisons.flatMap(comparisonLines),
    ...reports.flatMap((report) => (report.kind === "arena" ? arenaLines(report) : ragLines(report))),
  ].join("\n");
}

function arenaLines(report: ArenaReport): string[] {
  const { consistency, firstWins, ties, games, scored } = report.judgeHealth.all;
  const percent = (value: number | null) => (value === null ? "–" : `${figure(value)} %`);
  const row = (r: LeaderboardRow): string[] => [
    rankText(r.rank),
    plain(r.model),
    withInterval(r.rating, r.ratingIntervals.byQuestion),
    withInterval(r.winRate, r.winRateIntervals.byQuestion),
    range(r.winRateIntervals.byRow),
    r.lengthControlled
      ? withInterval(r.lengthControlled.winRate, r.lengthControlled.winRateIntervals.byQuestion)
      : "–",
    r.styleControlled ? withInterval(r.styleControlled.rating, r.styleControlled.interval) : "–",
    String(r.averageTokens ?? "–"),
    `${r.unscored} / ${r.games}`,
  ];
  return [
    `## Arena against ${plain(report.baseline)}, judged by ${plain(report.judge)}`,
    "",
    ...table(
      [
        "rank",
        "model",
        "rating",
        "win rate, %",
        "by battle",
        "length-controlled, %",
        "style-controlled rating",
        "tokens",
        "no score / games",
      ],
      report.leaderboard.map(row),
      [1],
    ),
    "",
    "In brackets: 95 % intervals by question. By battle: those of published tables, too narrow.",
    "",
    `Judge: ${games} games, ${scored} with a score; the same verdict after the swap ${percent(consistency)}, won by what stood first ${percent(firstWins)}, ties ${percent(ties)}.`,
    "",
    ...manifestLines(report.manifest),
  ];
}

function ragLines({ metrics, rows, manifest }: RagReport): string[] {
  return [
    "## Answers from documents",
    "",
    ...table(
      ["model", "protocol", "domain", "questions", ...metrics.map(({ title }) => plain(title))],
      rows.map((row) => [
        plain(row.model),
        row.protocol,
        row.domain,
        String(row.questions),
        ...metrics.map((metric) => estimateText(row.metrics[metric.name], metricDecimals(metric))),
      ]),
      [0, 1, 2],
    ),
    "",
    "In brackets: 95 % intervals.",
    "",
    ...metrics.map(({ title, definition }) => `- ${plain(title)}: ${plain(definition)}`),
    "",
    ...manifestLines(manifest),
  ];
}

function comparisonLines({ before, after, figures, changes }: ReportComparison): string[] {
  return [
    `## Before (${plain(before)}) and after (${plain(after)})`,
    "",
    ...table(
      ["model", "metric", "before", "after", "difference", "questions"],
      figures.map((f) => [
        plain(f.name),
        plain(f.metric),
        figure(f.before, 2),
        figure(f.after, 2),
        f.interval ? `${signed(f.difference, 2)} (${signedRange(f.interval, 2)})` : signed(f.difference, 2),
        String(f.questions),
      ]),
      [0, 1],
    ),
    "",
    `Verdicts that changed: ${changes.length}.`,
    "",
  ];
}

function manifestLines({ command, created, version, settings }: Manifest): string[] {
  const entries = { command, created, version, ...settings };
  return [...Object.entries(entries).map(([name, value]) => `- ${plain(name)}: ${plain(String(value))}`), ""];
}

/** `texts` are the columns that stand on the left. */
function table(heads: readonly string[], rows: readonly string[][], texts: readonly number[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(heads), line(heads.map((_, i) => (texts.includes(i) ? "---" : "---:"))), ...rows.map(line)];
}

const withInterval = (value: number, interval: Interval, decimals = 1): string =>
  `${figure(value, decimals)} (${range(interval, decimals)})`;

const estimateText = (estimate: Estimate | undefined, decimals: number): string =>
  estimate ? withInterval(estimate.value, estimate.interval, decimals) : "–";

/** Text that no Markdown reader takes for anything else: no link, picture, tag, cell or line of its own. */
const plain = (text: string): string =>
  revealHidden(text)
    .replace(/[\s\u2028\u2029]+/g, " ")
    .replace(/[!-/:-@[-`{-~]/g, (mark) => (HARMLESS.has(mark) ? mark : mark === "<" ? "&lt;" : `\\${mark}`));

/** What stands in names, paths and sentences and means nothing inside a line. */
const HARMLESS = new Set(["-", ".", ",", "/", "%", "'", '"', ";", "(", ")", "+", "="]);
