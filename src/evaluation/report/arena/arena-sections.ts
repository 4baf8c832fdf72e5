/** All parts of the page about an arena, in the order in which they are read. */
import type { ArenaReport } from "../../arena/arena-report.ts";
import { count, figure } from "../page/figures.ts";
import { type Html, html } from "../page/html.ts";
import { manifestSection } from "../page/manifest-section.ts";
import { say } from "../page/say.ts";
import { note, type Section } from "../page/section.ts";
import { figureColumn, table } from "../page/table.ts";
import { lengthAgainstWinRate, ratingPlot, winRateMatrix } from "./arena-plots.ts";
import { comparisons } from "./comparisons.ts";
import { judgeHealthTable } from "./judge-health-table.ts";
import { leaderboardTable } from "./leaderboard-table.ts";
import { topics } from "./topics.ts";
import { verdictBrowser } from "./verdict-browser.ts";

/** `prefix` begins every id, so that a page may hold several reports. */
export function arenaSections(prefix: string, report: ArenaReport): Section[] {
  const sections: Section[] = [
    { id: `${prefix}-leaderboard`, title: "arena.leaderboard", content: leaderboardTable(report) },
    {
      id: `${prefix}-ratings`,
      title: "arena.ratings",
      content: [
        ratingPlot(`${prefix}-rating-plot`, report),
        lengthAgainstWinRate(`${prefix}-length-plot`, report),
        report.style && styleTable(report.style),
      ],
    },
  ];
  if (report.winRates.models.length > 1)
    sections.push({
      id: `${prefix}-matrix`,
      title: "arena.matrix",
      content: winRateMatrix(`${prefix}-matrix-plot`, report),
    });
  if (report.comparisons.length > 0)
    sections.push({
      id: `${prefix}-comparisons`,
      title: "comparisons.title",
      content: comparisons(`${prefix}-comparison-plot`, report),
    });
  if (report.topics.length > 0)
    sections.push({
      id: `${prefix}-topics`,
      title: "topics.title",
      content: topics(`${prefix}-topic-plot`, report),
    });
  sections.push(
    { id: `${prefix}-health`, title: "health.title", content: judgeHealthTable(report) },
    {
      id: `${prefix}-verdicts`,
      title: "verdict.title",
      content: verdictBrowser(`${prefix}-browser`, report),
    },
    manifestSection(`${prefix}-manifest`, report.manifest),
  );
  return sections;
}

/** What the report is about, in a line. */
export function arenaSummary({ baseline, judge, leaderboard, judgeHealth }: ArenaReport): Html {
  const questions = leaderboard.reduce((most, row) => Math.max(most, row.questions), 0);
  const { games, scored } = judgeHealth.all;
  const share = games > 0 ? figure((100 * (games - scored)) / games) : "–";
  return html`${say("arena.summary", baseline, judge, leaderboard.length, count(questions))} ${say("arena.summary-games", count(games), count(games - scored), share)}`;
}

function styleTable(style: NonNullable<ArenaReport["style"]>): Html {
  return html`${table({
    caption: say("style.caption"),
    name: { head: say("style.feature"), of: ({ feature }) => say(`style.${feature}`) },
    groups: [
      {
        head: "",
        columns: [
          figureColumn<(typeof style)[number]>({
            head: say("style.coefficient"),
            of: ({ coefficient, interval }) => ({ value: coefficient, interval }),
            decimals: 2,
            isDifference: true,
          }),
        ],
      },
    ],
    rows: style,
  })}${note(say("style.note"))}`;
}
