/** The plots of an arena: ratings, who beats whom, length against win rate. */
import type { ArenaReport } from "../../arena/arena-report.ts";
import { figure } from "../page/figures.ts";
import { type Html, html } from "../page/html.ts";
import { say } from "../page/say.ts";
import { heatMap } from "../plots/heat-map.ts";
import { intervalPlot } from "../plots/interval-plot.ts";
import { lengthPlot } from "../plots/length-plot.ts";

/** What ratings are counted from: the baseline's. */
const BASELINE_RATING = 1000;

export function ratingPlot(id: string, { leaderboard }: ArenaReport): Html {
  return intervalPlot({
    id,
    caption: say("arena.rating-plot"),
    reference: BASELINE_RATING,
    rows: leaderboard.map(({ model, rating, ratingIntervals }) => ({
      name: model,
      value: rating,
      wide: ratingIntervals.byQuestion,
      strong: ratingIntervals.byRow,
    })),
  });
}

export function winRateMatrix(id: string, { winRates, leaderboard }: ArenaReport): Html {
  const place = new Map(winRates.models.map((model, i) => [model, i]));
  const models = leaderboard.map(({ model }) => model).filter((model) => place.has(model));
  const met = (a: string, b: string) => a !== b && winRates.rates[place.get(a)!]?.[place.get(b)!];
  const opponents = (model: string) => models.filter((other) => typeof met(model, other) === "number").length;
  // Where all play against one, the other columns would be empty but for its row.
  const hubs = models.filter((model) => opponents(model) > 1);
  const columns = hubs.length > 0 ? hubs : models;
  const rows = hubs.length === 1 ? models.filter((model) => model !== hubs[0]) : models;
  return heatMap({
    id,
    caption: say("arena.matrix.caption"),
    description: say("arena.matrix.description"),
    rows,
    columns,
    neutral: 50,
    span: 50,
    cell(i, j) {
      const value = met(rows[i]!, columns[j]!);
      if (typeof value !== "number") return null;
      return { value, title: `${rows[i]} : ${columns[j]}: ${figure(value)} %` };
    },
  });
}

/** null where no length is known. */
export function lengthAgainstWinRate(id: string, { leaderboard }: ArenaReport): Html | null {
  const points = leaderboard.flatMap(({ model, averageTokens, winRate }) =>
    averageTokens === undefined ? [] : [{ name: model, tokens: averageTokens, winRate }],
  );
  return points.length < 2 ? null : html`${lengthPlot(id, points)}`;
}
