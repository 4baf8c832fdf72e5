/**
 * The main table of a report as CSV (RFC 4180): all digits, a dot before decimals, empty where nothing is known. Texts
 * that a spreadsheet would run as formulas get an apostrophe before them.
 */
import type { ReportComparison } from "./compare/report-comparison.ts";
import { type Cell, flatTable } from "./flat-table.ts";
import type { Report } from "./report.ts";

export function renderCsv(report: Report | ReportComparison): string {
  const { columns, rows } = flatTable(report);
  return [columns, ...rows].map((row) => `${row.map(csvCell).join(",")}\r\n`).join("");
}

function csvCell(cell: Cell): string {
  if (cell === undefined) return "";
  if (typeof cell === "number") return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
