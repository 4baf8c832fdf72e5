/**
 * Reports -> one HTML file that is complete in itself: tables and plots can be read without scripts, single verdicts
 * are shown by the script in it. Its policy lets nothing else run and nothing be asked for.
 */
import { createHash } from "node:crypto";
import { arenaSections, arenaSummary } from "./arena/arena-sections.ts";
import { comparisonSections } from "./compare/comparison-sections.ts";
import type { ReportComparison } from "./compare/report-comparison.ts";
import { embedJson } from "./page/embed-json.ts";
import { Html, html } from "./page/html.ts";
import { say, sayAs } from "./page/say.ts";
import { SCRIPT } from "./page/script.ts";
import { type Section, section } from "./page/section.ts";
import { STYLE } from "./page/style.ts";
import { TEXTS, type TextKey } from "./page/texts.ts";
import { ragSections, ragSummary } from "./rag/rag-sections.ts";
import type { Report } from "./report.ts";

interface Chapter {
  /** Ours, and the only one in the page. */
  id: string;
  title: TextKey;
  summary: Html;
  sections: Section[];
}

/** At least one of either. Comparisons stand first. */
export function renderHtml(
  reports: readonly Report[],
  comparisons: readonly ReportComparison[] = [],
): string {
  const chapters = [
    ...comparisons.map(comparisonChapter),
    ...reports.map((report, i) => chapterOf(report, `report-${i}`)),
  ];
  const newest = reports.at(-1)?.manifest;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '${hash(SCRIPT)}'; style-src '${hash(STYLE)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
${sayAs("title", "page.title")}
<style>${new Html(STYLE)}</style>
</head>
<body>
<header><h1>${say("page.title")}</h1></header>
<main>
${chapters.map(chapter)}</main>
${newest && html`<footer>${say("page.footer", newest.version, newest.created.slice(0, 10))}</footer>`}
${embedJson("texts", TEXTS)}
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`.markup;
}

const hash = (text: string): Html => new Html(`sha256-${createHash("sha256").update(text).digest("base64")}`);

function chapterOf(report: Report, id: string): Chapter {
  return report.kind === "arena"
    ? { id, title: "arena.title", summary: arenaSummary(report), sections: arenaSections(id, report) }
    : { id, title: "rag.title", summary: ragSummary(report), sections: ragSections(id, report) };
}

/** ISO 8601 in UTC -> as people write it. */
const minute = (created: string): string => `${created.slice(0, 16).replace("T", " ")} UTC`;

const comparisonChapter = (comparison: ReportComparison, i: number): Chapter => ({
  id: `comparison-${i}`,
  title: "compare.title",
  summary: say("compare.summary", minute(comparison.before), minute(comparison.after)),
  sections: comparisonSections(`comparison-${i}`, comparison),
});

const chapter = ({ id, title, summary, sections }: Chapter): Html => html`<h2 id="${id}">${say(title)}</h2>
<p>${summary}</p>
<nav aria-labelledby="${id}"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${say(title)}</a></li>`)}</ul></nav>
${sections.map(section)}`;
