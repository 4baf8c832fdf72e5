/** Win rates by topic: a matrix to see, and a table with intervals to read. */
import type { ArenaReport, TopicRow } from "../../arena/arena-report.ts";
import { count, figure, range } from "../page/figures.ts";
import { type Html, html } from "../page/html.ts";
import { say } from "../page/say.ts";
import { name } from "../page/section.ts";
import { figureColumn, numberColumn, table, textColumn } from "../page/table.ts";
import { heatMap } from "../plots/heat-map.ts";

export function topics(id: string, { topics, leaderboard }: ArenaReport): Html {
  const names = [...new Set(topics.map(({ topic }) => topic))];
  const found = new Map(topics.map((row) => [keyOf(row), row]));
  const models = leaderboard
    .map(({ model }) => model)
    .filter((model) => names.some((topic) => found.has(keyOf({ topic, model }))));
  return html`${heatMap({
    id,
    caption: say("topics.caption"),
    description: say("topics.description"),
    rows: names,
    columns: models,
    neutral: 50,
    span: 50,
    cell(i, j) {
      const row = found.get(keyOf({ topic: names[i]!, model: models[j]! }));
      return row
        ? {
            value: row.winRate,
            title: `${row.topic}, ${row.model}: ${figure(row.winRate)} %, ${range(row.interval)}, n = ${row.questions}`,
          }
        : null;
    },
  })}<details class="more"><summary>${say("topics.table")}</summary>${table({
    caption: say("topics.table"),
    name: { head: say("topic"), of: ({ topic }) => name(topic) },
    groups: [
      {
        head: "",
        columns: [
          textColumn<TopicRow>(say("model"), ({ model }) => name(model)),
          figureColumn<TopicRow>({
            head: say("arena.win-rate"),
            of: ({ winRate, interval }) => ({ value: winRate, interval }),
          }),
          numberColumn<TopicRow>(say("questions"), ({ questions }) => count(questions)),
        ],
      },
    ],
    rows: topics,
  })}</details>
`;
}

const keyOf = ({ topic, model }: Pick<TopicRow, "topic" | "model">): string => JSON.stringify([topic, model]);
