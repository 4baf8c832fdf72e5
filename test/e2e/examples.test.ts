/** The examples run as they stand, and the demo shows what the product is about. */
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");

async function run(example: string): Promise<string> {
  const args = ["--import", "tsx", join(ROOT, "examples", example)];
  const { PATH, HOME } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env: { PATH, HOME } });
  return stdout;
}

test("the demo answers the card's example and quotes from every set of documents", async () => {
  const shown = await run("demo.ts");
  expect(shown).toContain("? Глоабльное потепление\n");
  expect(shown).toMatch(/Релевантные документы: 0 \(\d\.\d\d\), 1 \(\d\.\d\d\)/);
  expect(shown).toMatch(/1\. Вытекает же из Байкала только одна река, Ангара\.[\s\S]*символы 109-157/);
  expect(shown).toMatch(/On 25 August 2012[\s\S]*characters 140-242/);
  expect(shown).toContain("В предоставленных документах нет ответа на этот вопрос.");
  expect(shown).toMatch(/900 рублей[\s\S]*смены\.md, символы \d+-\d+/);
  expect(shown).toMatch(/96 °C[\s\S]*oven\.html, characters \d+-\d+/);
  expect(shown).not.toContain("\u001b");
});

test("quotes as a library", async () => {
  expect(await run("quotes.ts")).toMatch(/^1\. За последние 50 лет[\s\S]*"docId": 0/);
});

test("a folder as a library", async () => {
  const shown = await run("folder.ts");
  expect(shown).toMatch(/^6 files, \d+ chunks\n1 возвраты/);
  expect(shown).toMatch(/900 рублей[\s\S]*смены\.md/);
});

test("a model in this process as a library", async () => {
  const shown = await run("ask-model.ts");
  // What the small model answers is its own business; that it answers, and that the citations come, is tested.
  expect(shown).toMatch(/^documents: [\d, ]*\n\S.*\n \[[\s\S]*\]\n$/);
});
