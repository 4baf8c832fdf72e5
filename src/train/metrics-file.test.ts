import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { appendMetrics, keepMetricsUntil } from "./metrics-file.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-metrics-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("rows after the checkpoint and a line that was cut go, the others stay byte for byte", async () => {
  const path = join(folder, "metrics.jsonl");
  for (const step of [1, 2, 3, 4]) appendMetrics(path, { step, loss: step / 3 });
  const two = readFileSync(path, "utf8").split("\n").slice(0, 2).join("\n");
  writeFileSync(path, `${readFileSync(path, "utf8")}{"step":5,"lo`);
  await keepMetricsUntil(path, 2);
  expect(readFileSync(path, "utf8")).toBe(`${two}\n`);
  appendMetrics(path, { step: 3, loss: 0 });
  expect(readFileSync(path, "utf8")).toBe(`${two}\n{"step":3,"loss":0}\n`);
  await keepMetricsUntil(path, 0);
  expect(readFileSync(path, "utf8")).toBe("");
});

test("a cut row that is a whole number of JSON is no row", async () => {
  const path = join(folder, "strange.jsonl");
  writeFileSync(path, '{"step":1}\nnull\n7\n[]\n\n{"step":"2"}\n{"step":2}');
  await keepMetricsUntil(path, 9);
  expect(readFileSync(path, "utf8")).toBe('{"step":1}\n{"step":2}\n');
});

test("no file, nothing to do", async () => {
  const path = join(folder, "none.jsonl");
  await keepMetricsUntil(path, 3);
  expect(existsSync(path)).toBe(false);
});
