/** Dialogues over real text: from a small folder made here, and from the shared texts where they are. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { generateDialogues } from "./generate.ts";
import { loadSentences } from "./real-text.ts";
import type { GroundedRow } from "./row.ts";
import { scoreGroundedAnswer } from "./score.ts";

const folder = mkdtempSync(join(tmpdir(), "real-text-"));
afterAll(() => rmSync(folder, { recursive: true }));

const words = ["amber", "basket", "candle", "dragon", "engine", "falcon", "garden", "hammer", "island"];
mkdirSync(join(folder, "en/literature"), { recursive: true });
writeFileSync(
  join(folder, "en/literature/Tales.txt"),
  words
    .flatMap((a) =>
      words.map(
        (b) => `The ${a}${b} stood in the old house for years. It was a ${b}${a} that nobody wanted.`,
      ),
    )
    .concat("A line with <b>markup</b> in it is left out of everything.", "short.")
    .join("\n\n"),
);

function take(count: number, realText: string): GroundedRow[] {
  const rows: GroundedRow[] = [];
  const options = { seed: 2, realText, languages: { en: 1 }, kinds: { passage: 1 }, targets: true };
  for (const row of generateDialogues(options)) if (rows.push(row) >= count) break;
  return rows;
}

function check(rows: GroundedRow[]): void {
  for (const row of rows) {
    const documents: { content: string; title: string }[] = JSON.parse(row.messages[1]!.content);
    const answer = row.messages[4]!.content;
    const score = scoreGroundedAnswer(row, { relevantDocIds: row.relevant_doc_ids, answer });
    expect(score.right, answer).toBe(true);
    for (const [i, id] of row.relevant_doc_ids.entries())
      expect(row.value[i]!.startsWith(documents[id]!.content.replace(/[!?]$/, ""))).toBe(true);
    expect(row.targets!.some(({ label, message }) => label === "!" && message === 2)).toBe(
      row.relevant_doc_ids.length === 0,
    );
  }
  const counts = new Set(rows.map((row) => row.relevant_doc_ids.length));
  expect([...counts].sort()).toEqual([0, 1, 2, 3]);
}

describe("a small folder", () => {
  test("gives its clean sentences, and says what it misses", () => {
    const sentences = loadSentences(folder, "en");
    expect(sentences).toHaveLength(162);
    expect(sentences.slice(0, 2)).toEqual([
      "The amberamber stood in the old house for years.",
      "It was a amberamber that nobody wanted.",
    ]);
    expect(() => loadSentences(folder, "ru")).toThrow(/holds no ru text/);
    expect(() => generateDialogues({ kinds: { passage: 1 } }).next()).toThrow(/set realText/);
  });

  test("makes questions that are answered verbatim by all documents on their subject, or by none", () => {
    check(take(200, folder));
  });
});

const shared = resolve(import.meta.dirname, "../../../../shared/data/text");
if (!existsSync(shared)) console.log("passages.test: ../shared/data/text is absent, its checks are left out");

describe.runIf(existsSync(shared))("the shared texts", () => {
  test("give clean dialogues", () => {
    // One folder is enough here: loading is what takes the time.
    const linked = join(folder, "linked");
    mkdirSync(join(linked, "en"), { recursive: true });
    symlinkSync(join(shared, "en/wikipedia"), join(linked, "en/wikipedia"));
    const rows = take(200, linked);
    check(rows);
    expect(rows.some((row) => /[<{[|*_#]/.test(row.value.join(" ")))).toBe(false);
  });
});
