/** Dialogues over real text: from a small folder made here, and from the shared texts where they are. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { generateDialogues } from "./generate.ts";
import { loadRealText } from "./real-text.ts";
import type { GroundedRow } from "./row.ts";
import { scoreGroundedAnswer } from "./score.ts";

const folder = mkdtempSync(join(tmpdir(), "real-text-"));
afterAll(() => rmSync(folder, { recursive: true }));

const words = [
  "amber",
  "basket",
  "candle",
  "dragon",
  "engine",
  "falcon",
  "garden",
  "hammer",
  "island",
  "jacket",
  "kettle",
  "ladder",
];
mkdirSync(join(folder, "en/literature"), { recursive: true });
writeFileSync(
  join(folder, "en/literature/Tales.txt"),
  words
    .flatMap((a) =>
      words.map(
        (b) => `The ${a}${b} stood in the old house for years. It was a ${b}${a} that nobody ever wanted.`,
      ),
    )
    .concat("A line with <b>markup</b> in it is left out of everything.", "short.")
    .join("\n\n"),
);

function take(count: number, realText: string, languages: { en?: number; ru?: number }): GroundedRow[] {
  const rows: GroundedRow[] = [];
  const options = { seed: 2, realText, languages, kinds: { real: 2, "real-absent": 1 } };
  for (const row of generateDialogues(options)) if (rows.push(row) >= count) return rows;
  return rows;
}

describe("a small folder", () => {
  test("gives clean passages, and says what it misses", () => {
    const { passages } = loadRealText(folder, "en");
    expect(passages).toHaveLength(144);
    expect(passages[0]).toEqual({
      title: "Tales",
      sentences: [
        "The amberamber stood in the old house for years.",
        "It was a amberamber that nobody ever wanted.",
      ],
    });
    expect(() => loadRealText(folder, "ru")).toThrow(/holds no ru text/);
  });

  test("makes questions that one document answers verbatim, or none", () => {
    for (const row of take(200, folder, { en: 1 })) check(row);
  });
});

function check(row: GroundedRow): void {
  const documents: { content: string }[] = JSON.parse(row.messages[1]!.content);
  const answer = row.messages[4]!.content;
  expect(scoreGroundedAnswer(row, { relevantDocIds: row.relevant_doc_ids, answer }).right, answer).toBe(true);
  const holding = documents.flatMap(({ content }, id) =>
    content.includes(row.value[0] ?? "\0") ? [id] : [],
  );
  expect(holding).toEqual(row.relevant_doc_ids);
}

const shared = resolve(import.meta.dirname, "../../../../shared/data/text");
if (!existsSync(shared))
  console.log("real-text.test: ../shared/data/text is absent, its checks are left out");

describe.runIf(existsSync(shared))("the shared texts", () => {
  test("give clean dialogues", () => {
    // One folder is enough here: loading is what takes the time.
    const linked = join(folder, "linked");
    mkdirSync(join(linked, "en"), { recursive: true });
    symlinkSync(join(shared, "en/wikipedia"), join(linked, "en/wikipedia"));
    const rows = take(200, linked, { en: 1 });
    for (const row of rows) check(row);
    expect(rows.some((row) => /[<{[|*_#]/.test(row.value.join(" ")))).toBe(false);
  });
});
