/** Every pair of models on the same questions: what lies between them, and whether chance explains it. */
import type { ArenaReport, PairedComparison } from "../../arena/arena-report.ts";
import { count, signed, signedRange } from "../page/figures.ts";
import { type Html, html } from "../page/html.ts";
import { say } from "../page/say.ts";
import { name, note } from "../page/section.ts";
import { figureColumn, numberColumn, table, textColumn } from "../page/table.ts";
import { heatMap } from "../plots/heat-map.ts";

const SIGNIFICANT = 0.05;

export function comparisons(id: string, { comparisons, leaderboard }: ArenaReport): Html {
  const found = new Map<string, PairedComparison>();
  for (const pair of comparisons) {
    found.set(JSON.stringify([pair.model, pair.other]), pair);
    found.set(JSON.stringify([pair.other, pair.model]), turned(pair));
  }
  const inPairs = new Set(comparisons.flatMap(({ model, other }) => [model, other]));
  const models = leaderboard.map(({ model }) => model).filter((model) => inPairs.has(model));
  return html`${heatMap({
    id,
    caption: say("comparisons.caption"),
    description: say("comparisons.description"),
    rows: models,
    columns: models,
    neutral: 0,
    span: 60,
    cell(i, j) {
      const pair = found.get(JSON.stringify([models[i], models[j]]));
      if (!pair) return null;
      return {
        value: pair.difference,
        text: signed(pair.difference, 0),
        isStrong: pair.adjustedP < SIGNIFICANT,
        title: `${pair.model} − ${pair.other}: ${signed(pair.difference)}, ${signedRange(pair.interval)}, p = ${probability(pair.adjustedP)}`,
      };
    },
  })}${note(say("comparisons.note"))}<details class="more"><summary>${say("comparisons.table")}</summary>${table(
    {
      caption: say("comparisons.table"),
      name: { head: say("model"), of: ({ model }) => name(model) },
      groups: [
        {
          head: "",
          columns: [
            textColumn<PairedComparison>(say("comparisons.other"), ({ other }) => name(other)),
            figureColumn<PairedComparison>({
              head: say("comparisons.difference"),
              of: ({ difference, interval }) => ({ value: difference, interval }),
              isDifference: true,
            }),
            numberColumn<PairedComparison>(say("comparisons.p"), ({ p }) => probability(p)),
            numberColumn<PairedComparison>(say("comparisons.adjusted"), ({ adjustedP }) =>
              probability(adjustedP),
            ),
            numberColumn<PairedComparison>(say("questions"), ({ questions }) => count(questions)),
          ],
        },
      ],
      rows: comparisons,
    },
  )}</details>
`;
}

function turned(pair: PairedComparison): PairedComparison {
  const interval = { low: -pair.interval.high, high: -pair.interval.low };
  return { ...pair, model: pair.other, other: pair.model, difference: -pair.difference, interval };
}

/** A bootstrap knows no smaller ones. */
const probability = (p: number): string => (p < 0.001 ? "< 0.001" : p.toFixed(3));
