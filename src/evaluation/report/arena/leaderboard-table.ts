/** The leaderboard: every figure beside its interval by question, and by battle where published tables print that one. */
import type { ArenaReport, Intervals, LeaderboardRow } from "../../arena/arena-report.ts";
import { count, figure, range } from "../page/figures.ts";
import { type Html, html } from "../page/html.ts";
import { say } from "../page/say.ts";
import { name, names, note } from "../page/section.ts";
import { type Column, type ColumnGroup, figureColumn, numberColumn, table } from "../page/table.ts";

export function leaderboardTable({ leaderboard, baseline, unrated = [] }: ArenaReport): Html {
  const groups: ColumnGroup<LeaderboardRow>[] = [
    { head: "", columns: [numberColumn(say("arena.rank"), ({ rank }) => rankText(rank))] },
    {
      head: say("arena.rating"),
      columns: twoIntervals({
        value: ({ rating }) => rating,
        intervals: ({ ratingIntervals }) => ratingIntervals,
        decimals: RATING_DECIMALS,
        sign: ({ bound }) => bound && BOUNDS[bound],
      }),
    },
    {
      head: say("arena.win-rate"),
      columns: twoIntervals({
        value: ({ winRate }) => winRate,
        intervals: ({ winRateIntervals }) => winRateIntervals,
        decimals: 1,
      }),
    },
  ];
  const controlled: Column<LeaderboardRow>[] = [];
  if (leaderboard.some((row) => row.lengthControlled))
    controlled.push(
      figureColumn({
        head: say("arena.length-controlled"),
        of: ({ lengthControlled: c }) => c && { value: c.winRate, interval: c.winRateIntervals.byQuestion },
      }),
    );
  if (leaderboard.some((row) => row.styleControlled))
    controlled.push(
      figureColumn({
        head: say("arena.style-controlled"),
        of: ({ styleControlled: c }) => c && { value: c.rating, interval: c.interval },
        decimals: RATING_DECIMALS,
      }),
    );
  if (controlled.length > 0) groups.push({ head: say("arena.controlled"), columns: controlled });
  groups.push({
    head: "",
    columns: [
      numberColumn(say("arena.elo"), ({ elo }) => figure(elo, RATING_DECIMALS)),
      numberColumn(say("arena.tokens"), ({ averageTokens }) => averageTokens?.toString()),
      numberColumn(say("arena.games"), ({ games }) => count(games)),
      numberColumn(say("arena.unscored"), ({ unscored }) => count(unscored)),
    ],
  });
  return html`${table({
    caption: say("arena.leaderboard.caption"),
    name: {
      head: say("model"),
      of: (row) => [
        name(row.model),
        row.model === baseline && html` <small>${say("arena.baseline")}</small>`,
      ],
    },
    groups,
    rows: leaderboard,
  })}${note(say("arena.leaderboard.note"))}${
    leaderboard.some(({ bound }) => bound) && note(say("arena.bound-note"))
  }${unrated.length > 0 && note(say("arena.unrated"), " ", names(unrated))}`;
}

/** Their intervals are tens wide. */
const RATING_DECIMALS = 0;

const BOUNDS = { "at least": "≥\u202f", "at most": "≤\u202f" } as const;

interface TwoIntervals {
  value(row: LeaderboardRow): number;
  intervals(row: LeaderboardRow): Intervals;
  decimals: number;
  sign?(row: LeaderboardRow): string | undefined;
}

function twoIntervals({ value, intervals, decimals, sign }: TwoIntervals): Column<LeaderboardRow>[] {
  return [
    figureColumn({
      head: say("arena.by-question"),
      of: (row) => ({ value: value(row), interval: intervals(row).byQuestion }),
      decimals,
      ...(sign && { sign }),
    }),
    {
      head: say("arena.by-battle"),
      isNumber: true,
      cells: (row) => html`<td class="i">${range(intervals(row).byRow, decimals)}</td>`,
    },
  ];
}

export const rankText = ({ best, worst }: LeaderboardRow["rank"]): string =>
  best === worst ? String(best) : `${best}–${worst}`;
