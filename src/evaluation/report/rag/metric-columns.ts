/** Columns of metrics, and what they mean in words. */
import type { Metrics, RagReport } from "../../rag/rag-report.ts";
import { type Html, html } from "../page/html.ts";
import { sayName } from "../page/say.ts";
import { type Column, figureColumn } from "../page/table.ts";

export type Metric = RagReport["metrics"][number];

const DECIMALS: Record<Metric["unit"], number> = { percent: 1, points: 3, ids: 2 };

export const metricDecimals = ({ unit }: Metric): number => DECIMALS[unit];

export const metricColumn = <Row>(metric: Metric, of: (row: Row) => Metrics | undefined): Column<Row> =>
  figureColumn<Row>({
    head: sayName("metric", metric.name),
    of: (row) => of(row)?.[metric.name],
    decimals: metricDecimals(metric),
  });

export function definitions(metrics: readonly Metric[]): Html {
  return html`<dl class="definitions">${metrics.map(
    ({ name, definition }) =>
      html`<dt>${sayName("metric", name)} <code>${name}</code></dt><dd lang="en">${definition}</dd>\n`,
  )}</dl>
`;
}
