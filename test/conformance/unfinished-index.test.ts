/** What a killed process leaves of an index in LanceDB: files without a commit, a table whose words are not indexed. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@lancedb/lancedb";
import { afterAll, expect, test } from "vitest";
import { readDocument } from "../../src/documents/read-document.ts";
import type { ChunkIndex, IndexEntry } from "../../src/index/chunk-index.ts";
import { hasLanceIndex, openLanceIndex } from "../../src/index/lance-index.ts";
import { syncIndex } from "../../src/index/sync.ts";

const root = mkdtempSync(join(tmpdir(), "vikhr-unfinished-"));
afterAll(() => rmSync(root, { recursive: true }));
let places = 0;
const newPlace = () => join(root, `${++places}`);

const entry = (name: string, text: string): IndexEntry => ({
  document: { source: name, title: null, format: "plain", hash: "", modified: 0, addedAs: "" },
  chunks: [{ source: name, title: null, format: "plain", text, start: 0, end: text.length }],
});
const ENTRIES = Array.from({ length: 40 }, (_, i) =>
  entry(`${i}`, `glacier ${i} ${i % 3 === 0 ? "harbour" : ""}`),
);

const scoresOf = async (index: ChunkIndex) =>
  (await index.search("harbour glacier", 40)).map(
    ({ chunk, score }) => `${chunk.source} ${score.toFixed(4)}`,
  );

async function cleanScores(): Promise<string[]> {
  const index = await openLanceIndex(newPlace());
  await index.replace(ENTRIES);
  await index.optimize();
  const scores = await scoresOf(index);
  await index.close();
  return scores;
}

test("reading makes no table, and sees the one that another makes", async () => {
  const place = newPlace();
  const reader = await openLanceIndex(place);
  expect(await reader.documents()).toEqual([]);
  expect(await reader.chunks("0")).toEqual([]);
  expect(await reader.search("glacier", 5)).toEqual([]);
  expect(await reader.nearest(new Float32Array(4), 5)).toEqual([]);
  await reader.remove(["0"]);
  await reader.optimize();
  expect(existsSync(place) ? readdirSync(place) : []).toEqual([]);
  const writer = await openLanceIndex(place);
  await writer.replace(ENTRIES);
  expect(await reader.documents()).toHaveLength(ENTRIES.length);
  expect(await reader.search("glacier", 5)).toHaveLength(5);
  await writer.close();
  await reader.close();
});

test.each([
  ["a folder", () => undefined],
  ["a transaction", (table: string) => writeFileSync(join(table, "_transactions", "0-unfinished.txn"), "x")],
  ["a folder of versions", (table: string) => mkdirSync(join(table, "_versions"))],
  ["data", (table: string) => mkdirSync(join(table, "data"))],
])("%s without a commit is no index, and the next change makes one", async (_, leave) => {
  const place = newPlace();
  const table = join(place, "chunks.lance");
  mkdirSync(join(table, "_transactions"), { recursive: true });
  leave(table);
  expect(await hasLanceIndex(place)).toBe(false);
  const index = await openLanceIndex(place);
  expect(await index.documents()).toEqual([]);
  await index.replace(ENTRIES);
  await index.optimize();
  expect(await scoresOf(index)).toEqual(await cleanScores());
  await index.close();
});

/** As a sync that finds nothing to do leaves it. */
async function afterSync(place: string): Promise<string[]> {
  const index = await openLanceIndex(place);
  await syncIndex(index, [], { read: readDocument }, { only: new Set() });
  const scores = await scoresOf(index);
  await index.close();
  return scores;
}

test("a sync indexes the words of a table that has no index of them", async () => {
  const place = newPlace();
  const index = await openLanceIndex(place);
  await index.replace(ENTRIES);
  await index.close();
  const connection = await connect(place);
  const table = await connection.openTable("chunks");
  await table.dropIndex("terms_idx");
  expect(await afterSync(place)).toEqual(await cleanScores());
  await table.checkoutLatest();
  expect((await table.indexStats("terms_idx"))?.numUnindexedRows).toBe(0);
  connection.close();
});

test("a sync indexes what was written and not indexed", async () => {
  const place = newPlace();
  const index = await openLanceIndex(place);
  await index.replace(ENTRIES.slice(0, 30));
  await index.optimize();
  await index.replace(ENTRIES.slice(30));
  await index.close();
  const connection = await connect(place);
  const table = await connection.openTable("chunks");
  expect((await table.indexStats("terms_idx"))?.numUnindexedRows).toBe(10);
  expect(new Set(await afterSync(place))).toEqual(new Set(await cleanScores()));
  await table.checkoutLatest();
  expect((await table.indexStats("terms_idx"))?.numUnindexedRows).toBe(0);
  connection.close();
});
