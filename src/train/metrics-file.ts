/** metrics.jsonl: one row of figures a line, with its `step`. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { writeFileAtomic } from "../util/write-file-atomic.ts";

export interface MetricsRow {
  step: number;
  [figure: string]: number;
}

export function appendMetrics(path: string, row: MetricsRow): void {
  appendFileSync(path, `${JSON.stringify(row)}\n`);
}

/**
 * Takes out what a killed run wrote after its last checkpoint, `step`: those steps are done again and would stand
 * there twice. Also a line that the end of the process, or of the power, left unfinished.
 */
export async function keepMetricsUntil(path: string, step: number): Promise<void> {
  if (!existsSync(path)) return;
  const text = readFileSync(path, "utf8");
  const lines = text.split("\n").filter((line) => {
    const found = stepOf(line);
    return found !== undefined && found <= step;
  });
  const kept = lines.map((line) => `${line}\n`).join("");
  if (kept !== text) await writeFileAtomic(path, kept);
}

function stepOf(line: string): number | undefined {
  try {
    const row = JSON.parse(line) as { step?: unknown } | null;
    return typeof row?.step === "number" ? row.step : undefined;
  } catch {
    return undefined;
  }
}
