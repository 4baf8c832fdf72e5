/** Test sets in Parquet: every codec, both shapes of a conversation, and files that lie. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readParquet } from "../../src/datasets/read-parquet.ts";
import { readTestSet } from "../../src/datasets/read-test-set.ts";
import { InputError } from "../../src/errors.ts";
import "./children-from-source.ts";
import { type ParquetCodec, type ParquetColumn, writeParquet } from "../../src/testing/write-parquet.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-parquet-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "test.parquet");

const turnsOf = (n: number, ids: number[]) => [
  { role: "system", content: "Your task is" },
  {
    role: "documents",
    content: JSON.stringify(
      [0, 1].map((doc_id) => ({ doc_id, title: "Т", content: `Башня ${n}, ${doc_id}` })),
    ),
  },
  { role: "user", content: `Где башня ${n}?` },
  { role: "assistant", content: JSON.stringify({ relevant_doc_ids: ids }) },
  { role: "assistant", content: ids.length > 0 ? "Здесь." : "Ответа нет." },
];
const dialogues = [turnsOf(1, [0]), turnsOf(2, []), turnsOf(3, [0, 1])];
const facts: ParquetColumn[] = [
  { name: "cluster", numbers: [1n, 1n, 2n ** 53n + 1n] },
  { name: "type", texts: ["good", "ood", null] },
  { name: "id", texts: ["a", "b", "c"] },
];
const nested: ParquetColumn = { name: "conversation", turns: dialogues };
const asText: ParquetColumn = {
  name: "conversation",
  texts: dialogues.map((turns) => JSON.stringify(turns)),
};

describe("a dialogue comes out as it went in", () => {
  test.each<[ParquetCodec, ParquetColumn]>([
    ["none", nested],
    ["snappy", nested],
    ["gzip", nested],
    ["none", asText],
    ["snappy", asText],
  ])("%s", async (codec, conversation) => {
    writeFileSync(path, writeParquet([...facts, conversation], codec));
    const { rows, format } = await readTestSet(path);
    expect(format).toBe("grounded-rag");
    expect(
      rows.map(({ id, domain, cluster, relevantDocIds }) => ({ id, domain, cluster, relevantDocIds })),
    ).toEqual([
      { id: "a", domain: "in_domain", cluster: "1", relevantDocIds: [0] },
      { id: "b", domain: "out_of_domain", cluster: "1", relevantDocIds: [] },
      { id: "c", domain: "in_domain", cluster: "9007199254740993", relevantDocIds: [0, 1] },
    ]);
    expect(rows[2]!.documents[1]).toEqual({ docId: 1, title: "Т", content: "Башня 3, 1" });
    expect(rows[2]!.messages).toEqual([{ role: "user", content: "Где башня 3?" }]);
  });
});

test("a row that is no dialogue is named", async () => {
  writeFileSync(
    path,
    writeParquet([...facts, { name: "conversation", turns: [dialogues[0]!, [], dialogues[2]!] }]),
  );
  await expect(readTestSet(path)).rejects.toThrow(/test\.parquet: row 2: conversation: /);
  writeFileSync(path, writeParquet(facts));
  await expect(readTestSet(path)).rejects.toThrow(/test\.parquet: row 1: row\.conversation/);
});

/** What a damaged file came to; anything but rows or one line fails. */
async function outcome(bytes: Buffer): Promise<"read" | "refused"> {
  writeFileSync(path, bytes);
  try {
    await readTestSet(path);
    return "read";
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).not.toContain("\n");
    return "refused";
  }
}

test("files cut off or changed anywhere are read or refused in one line, and nothing else", async () => {
  const whole = writeParquet([...facts, nested], "snappy");
  for (const part of [0.02, 0.7, 0.999])
    expect(await outcome(whole.subarray(0, Math.floor(part * whole.length)))).toBe("refused");
  let refused = 0;
  for (let i = 0; i < 12; i++) {
    const bytes = Buffer.from(whole);
    // Spread over the file, the last third in its footer.
    const at = i % 3 === 2 ? bytes.length - 9 - 7 * i : Math.floor((bytes.length * (i + 1)) / 14);
    bytes[at] = bytes[at]! ^ (i % 2 === 0 ? 0xff : 0x08);
    if ((await outcome(bytes)) === "refused") refused++;
  }
  expect(refused).toBeGreaterThan(3);
});

test("a file of some hundred bytes that stands for a billion rows costs itself alone", async () => {
  const few = writeParquet([{ name: "id", nulls: 7 }]);
  writeFileSync(path, few);
  expect(await readParquet(path)).toEqual(Array(7).fill({ id: null }));
  const many = writeParquet([{ name: "id", nulls: 1_000_000_000 }]);
  expect(many.length).toBeLessThan(few.length + 50);
  writeFileSync(path, many);
  const error = await readParquet(path, { memoryLimit: 128, timeLimit: 30_000 }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(InputError);
  expect((error as Error).message).toMatch(
    /test\.parquet: no Parquet file that can be read: (reading it ended|it takes)/,
  );
});
