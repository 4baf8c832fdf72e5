/** How far the judge can be trusted, over all games and by model. */
import type { ArenaReport, JudgeHealth } from "../../arena/arena-report.ts";
import { count, figure } from "../page/figures.ts";
import { type Html, html } from "../page/html.ts";
import { say, sayName } from "../page/say.ts";
import { name, note } from "../page/section.ts";
import { numberColumn, table } from "../page/table.ts";

interface Row {
  /** null: all of them. */
  model: string | null;
  health: JudgeHealth;
}

export function judgeHealthTable({ judgeHealth, leaderboard }: ArenaReport): Html {
  const rows: Row[] = [{ model: null, health: judgeHealth.all }];
  for (const { model } of leaderboard) {
    const health = Object.hasOwn(judgeHealth.byModel, model) && judgeHealth.byModel[model];
    if (health) rows.push({ model, health });
  }
  const kinds = [...new Set(rows.flatMap(({ health }) => Object.keys(health.failures)))].sort();
  const percent = (of: (health: JudgeHealth) => number | null) => (row: Row) => {
    const value = of(row.health);
    return value === null ? undefined : figure(value);
  };
  return html`${table<Row>({
    caption: say("health.caption"),
    name: { head: say("model"), of: ({ model }) => (model === null ? say("all") : name(model)) },
    groups: [
      {
        head: "",
        columns: [
          numberColumn(say("arena.games"), ({ health }) => count(health.games)),
          numberColumn(say("health.scored"), ({ health }) => count(health.scored)),
        ],
      },
      {
        head: say("health.percent"),
        columns: [
          numberColumn(
            say("health.consistency"),
            percent(({ consistency }) => consistency),
          ),
          numberColumn(
            say("health.first-wins"),
            percent(({ firstWins }) => firstWins),
          ),
          numberColumn(
            say("health.ties"),
            percent(({ ties }) => ties),
          ),
        ],
      },
      ...(kinds.length === 0
        ? []
        : [
            {
              head: say("health.failures"),
              columns: kinds.map((kind) =>
                numberColumn<Row>(sayName("failure", kind), ({ health }) => count(failuresOf(health, kind))),
              ),
            },
          ]),
    ],
    rows,
  })}${note(say("health.note"))}`;
}

const failuresOf = ({ failures }: JudgeHealth, kind: string): number =>
  Object.entries(failures).find(([name]) => name === kind)?.[1] ?? 0;
