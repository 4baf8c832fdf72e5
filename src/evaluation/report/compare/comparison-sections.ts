/** Parts of the page about two runs: figures, what is set otherwise, verdicts that are others now. */
import { count, figure } from "../page/figures.ts";
import { type Html, html } from "../page/html.ts";
import { itemBrowser } from "../page/item-browser.ts";
import { say, sayName, type Words } from "../page/say.ts";
import { name, names, note, type Section } from "../page/section.ts";
import { figureColumn, numberColumn, table, textColumn } from "../page/table.ts";
import type { ComparedFigure, ReportComparison, VerdictChange, VerdictState } from "./report-comparison.ts";

export function comparisonSections(prefix: string, comparison: ReportComparison): Section[] {
  return [
    { id: `${prefix}-figures`, title: "compare.figures", content: figures(comparison) },
    { id: `${prefix}-changes`, title: "compare.changes", content: changes(`${prefix}-browser`, comparison) },
    { id: `${prefix}-settings`, title: "compare.settings", content: settings(comparison) },
  ];
}

function figures({ kind, figures, onlyBefore, onlyAfter }: ReportComparison): Html {
  return html`${table<ComparedFigure>({
    caption: say("compare.figures.caption"),
    name: { head: say("model"), of: (row) => name(row.name) },
    groups: [
      {
        head: "",
        columns: [
          textColumn(say("compare.metric"), ({ metric }) => sayName("metric", metric)),
          numberColumn(say("compare.before"), ({ before }) => figure(before, 2)),
          numberColumn(say("compare.after"), ({ after }) => figure(after, 2)),
          figureColumn({
            head: say("compare.difference"),
            of: ({ difference, interval }) => ({ value: difference, interval }),
            isDifference: true,
            decimals: 2,
          }),
          numberColumn(say("questions"), ({ questions }) => count(questions)),
        ],
      },
    ],
    rows: figures,
  })}${note(say(kind === "arena" ? "compare.arena-note" : "compare.rag-note"))}${
    onlyBefore.length > 0 && note(say("compare.only-before"), " ", names(onlyBefore))
  }${onlyAfter.length > 0 && note(say("compare.only-after"), " ", names(onlyAfter))}`;
}

function changes(id: string, { changes }: ReportComparison): Html {
  if (changes.length === 0) return note(say("compare.no-changes"));
  return itemBrowser<VerdictChange>({
    id,
    items: changes,
    facets: [
      { label: "model", of: (change) => [change.name] },
      { label: "compare.direction", of: (change) => [direction(change)] },
    ],
    title: ({ question, questionId }) => question ?? String(questionId),
    tags: (change) => [
      change.name,
      direction(change),
      stateWords(change.before),
      "→",
      stateWords(change.after),
    ],
    parts: ({ question, questionId, answers }) => [
      { label: ["verdict.question", String(questionId)], text: question ?? "–", isShared: true },
      { label: ["compare.answer-before"], text: answers.before ?? "–", isHalf: true },
      { label: ["compare.answer-after"], text: answers.after ?? "–", isHalf: true },
    ],
  });
}

const VALUES: Partial<Record<VerdictState, number>> = { correct: 1, wrong: 0 };

function direction({ before, after }: VerdictChange): Words {
  const value = (state: VerdictState) => (typeof state === "number" ? state : VALUES[state]);
  const [was, is] = [value(before), value(after)];
  if (was === undefined || is === undefined) return ["compare.other"];
  return [is > was ? "compare.better" : "compare.worse"];
}

const stateWords = (state: VerdictState): Words =>
  typeof state === "number" ? String(state) : [`state.${state}`];

function settings({ settings }: ReportComparison): Html {
  if (settings.length === 0) return note(say("compare.same-settings"));
  return table<ReportComparison["settings"][number]>({
    caption: say("compare.settings"),
    name: { head: say("manifest.name"), of: (row) => name(row.name) },
    groups: [
      {
        head: "",
        columns: [
          textColumn(say("compare.before"), ({ before }) => html`<code>${before ?? "–"}</code>`),
          textColumn(say("compare.after"), ({ after }) => html`<code>${after ?? "–"}</code>`),
        ],
      },
    ],
    rows: settings,
  });
}
