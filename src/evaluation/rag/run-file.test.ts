import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { InputError } from "../../errors.ts";
import { joinRun, type RunFile, writeRun } from "./run-file.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vikhr-run-"));
  path = join(folder, "run.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

const model = (name: string, ...protocols: RunFile["models"][number]["protocols"]) => ({
  name,
  protocols,
  settings: { temperature: 0 },
});
const run = (...models: RunFile["models"]): RunFile => ({
  trials: "a hash",
  data: { "d.jsonl": "another" },
  questions: 5,
  models,
});

test("models gather, each with all protocols that it was asked by", async () => {
  expect(joinRun(path, run(model("a", "two-step")))).toEqual(run(model("a", "two-step")));
  await writeRun(path, run(model("a", "two-step"), model("b", "two-step")));
  expect(joinRun(path, run(model("b", "single-prompt"), model("c", "two-step")))).toEqual(
    run(model("a", "two-step"), model("b", "two-step", "single-prompt"), model("c", "two-step")),
  );
});

test("a model asked otherwise takes the place of the one before", async () => {
  await writeRun(path, run(model("a", "two-step")));
  const warmer = { ...model("a", "single-prompt"), settings: { temperature: 1 } };
  expect(joinRun(path, run(warmer)).models).toEqual([warmer]);
});

test("other questions, and a file that is none, are refused in one line", async () => {
  await writeRun(path, run());
  expect(() => joinRun(path, { ...run(), trials: "other" })).toThrow(/asked other questions here/);
  for (const text of ["", "{", "[]", '{"trials": 1}', JSON.stringify({ ...run(), questions: 0 })]) {
    writeFileSync(path, text);
    expect(() => joinRun(path, run())).toThrow(InputError);
    expect(() => joinRun(path, run())).toThrow(/run\.json is damaged/);
  }
});
