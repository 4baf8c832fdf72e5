/** Each metric over the number of documents that do not help: a robust model draws a level line. */
import type { MetricName, RagReport } from "../../rag/rag-report.ts";
import { type Html, html } from "../page/html.ts";
import { sayName } from "../page/say.ts";
import { legend, linePlot } from "../plots/line-plot.ts";
import { type Metric, metricDecimals } from "./metric-columns.ts";
import { nameOf } from "./name-of.ts";

const BOUNDS: Record<Metric["unit"], readonly number[]> = { percent: [0, 100], points: [0, 1], ids: [0] };

export function noisePlots(id: string, { noise, metrics }: RagReport): Html {
  const names = [...new Set(noise.map(nameOf))];
  const measured = metrics.filter(({ name }) => noise.some((row) => row.metrics[name]));
  return html`${legend(names)}<div class="plots">${measured.map((metric) =>
    linePlot({
      id: `${id}-${metric.name}`,
      caption: sayName("metric", metric.name),
      series: names.map((name) => ({ name, points: pointsOf(noise, name, metric.name) })),
      xName: "noise.axis",
      bounds: BOUNDS[metric.unit],
      decimals: metricDecimals(metric),
    }),
  )}</div>
`;
}

function pointsOf(noise: RagReport["noise"], name: string, metric: MetricName) {
  return noise
    .filter((row) => nameOf(row) === name)
    .flatMap(({ distractors, metrics }) => {
      const estimate = metrics[metric];
      return estimate ? [{ x: distractors, value: estimate.value, interval: estimate.interval }] : [];
    })
    .sort((a, b) => a.x - b.x);
}
