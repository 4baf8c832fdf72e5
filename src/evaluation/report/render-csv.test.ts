/** CSV that spreadsheets and programs read. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { exampleArena } from "../../../test/e2e/eval-report/example-arena.ts";
import { exampleRag } from "../../../test/e2e/eval-report/example-rag.ts";
import { compareReports } from "./compare/compare-reports.ts";
import { flatTable } from "./flat-table.ts";
import { renderCsv } from "./render-csv.ts";

/** Written after RFC 4180 alone. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let [row, cell, isQuoted] = [[] as string[], "", false];
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (isQuoted && c === '"' && text[i + 1] === '"') {
      cell += '"';
      i++;
    } else if (c === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (c === "," || (c === "\r" && text[i + 1] === "\n"))) {
      row.push(cell);
      cell = "";
      if (c === "\r") {
        rows.push(row);
        row = [];
        i++;
      }
    } else cell += c;
  }
  expect([row, cell, isQuoted]).toEqual([[], "", false]);
  return rows;
}

test("names come back, whatever is in them; no cell is a formula", () => {
  const arena = exampleArena({ models: 6, questions: 2 });
  const names = fc.array(
    fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', ",", "\r", "\n", "=", "-", "@", "x") })),
    { minLength: 6, maxLength: 6 },
  );
  fc.assert(
    fc.property(names, (models) => {
      const leaderboard = arena.leaderboard.map((row, i) => ({ ...row, model: models[i]! }));
      const [head, ...rows] = parseCsv(renderCsv({ ...arena, leaderboard }));
      const read = rows.map((row) => row[head!.indexOf("model")]!);
      for (const [i, model] of models.entries()) {
        expect(read[i]).toBe(/^[=+\-@\t\r]/.test(model) ? `'${model}` : model);
        expect(read[i]).not.toMatch(/^[=+\-@\t\r]/);
      }
    }),
  );
});

test("all figures come back with all their digits, and every row has all columns", () => {
  const [before, after] = [exampleRag({ seed: 1 }), exampleRag({ seed: 2 })];
  for (const report of [exampleArena(), after, compareReports(before, after)]) {
    const { columns, rows } = flatTable(report);
    const [head, ...read] = parseCsv(renderCsv(report));
    expect(head).toEqual(columns);
    expect(read.length).toBe(rows.length);
    expect(rows.length).toBeGreaterThan(5);
    for (const [i, row] of rows.entries())
      expect(read[i]!.map((cell, j) => (typeof row[j] === "number" ? Number(cell) : cell))).toEqual(
        row.map((cell) => cell ?? ""),
      );
  }
});
