/** Rows through a table of Arrow and its file format, and back. */
import {
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int32,
  Schema,
  tableFromIPC,
  tableToIPC,
  Utf8,
} from "apache-arrow";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toArrowTable } from "./arrow-columns.ts";

const schema = new Schema([
  new Field("text", new Utf8(), false),
  new Field("title", new Utf8(), true),
  new Field("page", new Int32(), true),
  new Field("modified", new Float64(), false),
  new Field("vector", new FixedSizeList(2, new Field("item", new Float32(), true)), true),
]);

const text = fc.string({ unit: fc.constantFrom("a", "ы", "\ud83d", "\ude00", "\0", "") });
const row = fc.record({
  text,
  title: fc.option(text),
  page: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  modified: fc.double({ noNaN: true }),
  vector: fc.option(fc.float32Array({ minLength: 2, maxLength: 2, noNaN: true })),
});

test("rows come back, halves of characters as U+FFFD each in its own row", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (rows) => {
      const table = tableFromIPC(tableToIPC(await toArrowTable(rows, schema)));
      const column = (name: string) => [...(table.getChild(name) ?? [])];
      expect(table.numRows).toBe(rows.length);
      expect(column("text")).toEqual(rows.map((r) => wellFormed(r.text)));
      expect(column("title")).toEqual(rows.map((r) => r.title && wellFormed(r.title)));
      expect(column("page")).toEqual(rows.map((r) => r.page));
      expect(column("modified")).toEqual(rows.map((r) => r.modified));
      const vectors = column("vector").map((vector) => vector && [...vector]);
      expect(vectors).toEqual(rows.map((r) => r.vector && [...r.vector]));
    }),
  );
});

const wellFormed = (given: string) => Buffer.from(given).toString();
