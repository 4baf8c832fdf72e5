/** All parts of the page about the RAG benchmark, in the order in which they are read. */
import type { RagReport } from "../../rag/rag-report.ts";
import { count, figure, range } from "../page/figures.ts";
import { type Html, html } from "../page/html.ts";
import { manifestSection } from "../page/manifest-section.ts";
import { say } from "../page/say.ts";
import { name, note, type Section } from "../page/section.ts";
import { reliabilityPlot } from "../plots/reliability-plot.ts";
import { cardTable, isOnCard } from "./card-table.ts";
import { failuresTable } from "./failures-table.ts";
import { metricsTable } from "./metrics-table.ts";
import { noisePlots } from "./noise-plots.ts";
import { questionBrowser } from "./question-browser.ts";
import { attackTable, counterfactualTable } from "./robustness-tables.ts";

/** `prefix` begins every id, so that a page may hold several reports. */
export function ragSections(prefix: string, report: RagReport): Section[] {
  const sections: (Section | false)[] = [
    { id: `${prefix}-card`, title: "rag.card", content: cardTable(report) },
    report.metrics.some((metric) => !isOnCard(metric.name)) && {
      id: `${prefix}-metrics`,
      title: "rag.metrics",
      content: metricsTable(report),
    },
    report.noise.length > 0 && {
      id: `${prefix}-noise`,
      title: "noise.title",
      content: [noisePlots(`${prefix}-noise-plot`, report), note(say("noise.note"))],
    },
    report.counterfactual.length > 0 && {
      id: `${prefix}-counterfactual`,
      title: "counterfactual.title",
      content: counterfactualTable(report),
    },
    report.attacks.length > 0 && {
      id: `${prefix}-attacks`,
      title: "attacks.title",
      content: attackTable(report),
    },
    report.calibration.length > 0 && {
      id: `${prefix}-calibration`,
      title: "calibration.title",
      content: calibration(`${prefix}-calibration-plot`, report),
    },
    { id: `${prefix}-failures`, title: "failures.title", content: failuresTable(report) },
    report.questions.length > 0 && {
      id: `${prefix}-questions`,
      title: "question.title",
      content: questionBrowser(`${prefix}-browser`, report),
    },
    manifestSection(`${prefix}-manifest`, report.manifest),
  ];
  return sections.filter((section) => section !== false);
}

/** What the report is about, in a line. */
export function ragSummary({ rows }: RagReport): Html {
  const models = new Set(rows.map(({ model }) => model));
  const perDomain = new Map<string, number>();
  for (const { domain, questions } of rows)
    perDomain.set(domain, Math.max(perDomain.get(domain) ?? 0, questions));
  const questions = [...perDomain.values()].reduce((a, b) => a + b, 0);
  return say("rag.summary", models.size, count(questions));
}

function calibration(id: string, { calibration }: RagReport): Html {
  return html`<div class="plots">${calibration.map(({ model, error, bins }, i) =>
    reliabilityPlot(
      `${id}-${i}`,
      html`${name(model)} <small>${say("calibration.error", figure(error.value, 3), range(error.interval, 3))}</small>`,
      bins,
    ),
  )}</div>
${note(say("calibration.note"))}`;
}
