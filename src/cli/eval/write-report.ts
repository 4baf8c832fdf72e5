/** A report -> its four files in a folder, and what is said of thresholds that it does not reach. */
import { join } from "node:path";
import type { ReportComparison } from "../../evaluation/report/compare/report-comparison.ts";
import type { FailedThreshold } from "../../evaluation/report/fail-under.ts";
import { renderCsv } from "../../evaluation/report/render-csv.ts";
import { renderHtml } from "../../evaluation/report/render-html.ts";
import { renderJson } from "../../evaluation/report/render-json.ts";
import { renderMarkdown } from "../../evaluation/report/render-markdown.ts";
import type { Report } from "../../evaluation/report/report.ts";
import { terminalLine } from "../../util/terminal-text.ts";
import { writeFileAtomic } from "../../util/write-file-atomic.ts";

/** Gives the path of the page. */
export async function writeReport(
  folder: string,
  report: Report,
  comparisons: readonly ReportComparison[] = [],
): Promise<string> {
  const page = join(folder, "report.html");
  await writeFileAtomic(page, renderHtml([report], comparisons));
  await writeFileAtomic(join(folder, "report.json"), renderJson(report));
  await writeFileAtomic(join(folder, "report.csv"), renderCsv(report));
  await writeFileAtomic(join(folder, "report.md"), renderMarkdown([report], comparisons));
  return page;
}

export function sayMissed(missed: readonly FailedThreshold[]): void {
  for (const { threshold, model, qualifiers, bound } of missed) {
    const place = [model, ...qualifiers].join(", ");
    process.stderr.write(
      `vikhr: ${terminalLine(`${threshold}: ${place} reaches ${bound.toFixed(2)} only`)}\n`,
    );
  }
}
