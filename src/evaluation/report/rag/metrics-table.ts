/** What the card does not have: ids, refusals, citations, each with its interval. */
import type { RagReport, RagRow } from "../../rag/rag-report.ts";
import { type Html, html } from "../page/html.ts";
import { say } from "../page/say.ts";
import { table, textColumn } from "../page/table.ts";
import { isOnCard, modelAndProtocol } from "./card-table.ts";
import { definitions, metricColumn } from "./metric-columns.ts";

export function metricsTable({ metrics, rows }: RagReport): Html {
  const further = metrics.filter(({ name }) => !isOnCard(name));
  return html`${table<RagRow>({
    caption: say("rag.metrics.caption"),
    name: { head: say("model"), of: ({ model, protocol }) => modelAndProtocol(model, protocol) },
    groups: [
      {
        head: "",
        columns: [
          textColumn(say("domain"), ({ domain }) => say(`domain.${domain}`)),
          ...further.map((metric) => metricColumn<RagRow>(metric, (row) => row.metrics)),
        ],
      },
    ],
    rows,
  })}${definitions(further)}`;
}
