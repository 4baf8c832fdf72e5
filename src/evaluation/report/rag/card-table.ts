/** The three columns of the model card, by domain: a row is a model asked in one way. */
import type { Domain, MetricName, Protocol, RagReport, RagRow } from "../../rag/rag-report.ts";
import { count } from "../page/figures.ts";
import { type Html, html } from "../page/html.ts";
import { say } from "../page/say.ts";
import { name, note } from "../page/section.ts";
import { type ColumnGroup, numberColumn, table } from "../page/table.ts";
import { definitions, metricColumn } from "./metric-columns.ts";

const CARD: readonly MetricName[] = [
  "judge_correct_percent",
  "avg_answer_match_rougeL",
  "avg_abs_indexes_diff",
];
const DOMAINS: readonly Domain[] = ["in_domain", "out_of_domain"];

export const isOnCard = (metric: MetricName): boolean => CARD.includes(metric);

interface CardRow {
  model: string;
  protocol: Protocol;
  domains: Partial<Record<Domain, RagRow>>;
}

export function cardTable(report: RagReport): Html {
  const rows: CardRow[] = [];
  for (const row of report.rows) {
    const known = rows.find(({ model, protocol }) => model === row.model && protocol === row.protocol);
    if (known) known.domains[row.domain] = row;
    else rows.push({ model: row.model, protocol: row.protocol, domains: { [row.domain]: row } });
  }
  const metrics = report.metrics.filter((metric) => isOnCard(metric.name));
  const groups = DOMAINS.filter((domain) => rows.some(({ domains }) => domains[domain])).map(
    (domain): ColumnGroup<CardRow> => ({
      head: say(`domain.${domain}`),
      columns: [
        ...metrics.map((metric) => metricColumn<CardRow>(metric, ({ domains }) => domains[domain]?.metrics)),
        numberColumn(say("questions"), ({ domains }) => domains[domain] && count(domains[domain].questions)),
      ],
    }),
  );
  return html`${table<CardRow>({
    caption: say("rag.card.caption"),
    name: { head: say("model"), of: ({ model, protocol }) => modelAndProtocol(model, protocol) },
    groups,
    rows,
  })}${definitions(metrics)}${note(say("interval.note"))}`;
}

export const modelAndProtocol = (model: string, protocol: Protocol): Html =>
  html`${name(model)} <small>${say(`protocol.${protocol}`)}</small>`;
