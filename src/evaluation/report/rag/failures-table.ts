/** Questions without an answer and answers without a verdict: how many of how many, and why. */
import type { RagReport, RagRow } from "../../rag/rag-report.ts";
import { count } from "../page/figures.ts";
import { type Html, html } from "../page/html.ts";
import { say, sayName } from "../page/say.ts";
import { note } from "../page/section.ts";
import { numberColumn, table, textColumn } from "../page/table.ts";
import { modelAndProtocol } from "./card-table.ts";

interface FailureRow {
  row: RagRow;
  step: "answer" | "judgment";
  kind: string;
  count: number;
}

export function failuresTable({ rows }: RagReport): Html {
  const failures = rows.flatMap((row): FailureRow[] => [
    ...Object.entries(row.failures).map(([kind, count]) => ({ row, step: "answer" as const, kind, count })),
    ...Object.entries(row.judgeFailures).map(([kind, count]) => ({
      row,
      step: "judgment" as const,
      kind,
      count,
    })),
  ]);
  const seen = failures.filter(({ count }) => count > 0);
  if (seen.length === 0) return note(say("failures.none"));
  return html`${table<FailureRow>({
    caption: say("failures.caption"),
    name: { head: say("model"), of: ({ row }) => modelAndProtocol(row.model, row.protocol) },
    groups: [
      {
        head: "",
        columns: [
          textColumn(say("domain"), ({ row }) => say(`domain.${row.domain}`)),
          textColumn(say("failures.step"), ({ step }) => say(`failures.${step}`)),
          textColumn(say("failures.kind"), ({ kind }) => sayName("failure", kind)),
          numberColumn(say("failures.count"), ({ count: n }) => count(n)),
          numberColumn(say("failures.of"), ({ row }) => count(row.questions)),
        ],
      },
    ],
    rows: seen,
  })}${note(say("failures.note"))}`;
}
