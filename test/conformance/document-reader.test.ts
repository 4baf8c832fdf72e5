/** Files that want too much of the process that reads them end it, and nothing else. */
import { afterEach, beforeAll, expect, test } from "vitest";
import { DocumentReader, type DocumentReaderOptions } from "../../src/documents/document-reader.ts";
import "./children-from-source.ts";
import { bombPdf } from "./bomb-pdf.ts";
import { tinyPdf } from "./tiny-pdf.ts";

let bomb: Buffer;
beforeAll(() => {
  bomb = bombPdf(512);
  expect(bomb.length).toBeLessThan(3000);
});

let reader: DocumentReader;
const open = (options?: DocumentReaderOptions) => {
  reader = new DocumentReader(options);
};
afterEach(() => reader.close());
const read = (bytes: Buffer, signal?: AbortSignal) => reader.read("/a.pdf", bytes, { signal });
const expectToRead = async () =>
  expect(await read(Buffer.from(tinyPdf(["A page."])))).toMatchObject({
    text: "A page.\n\n",
    format: "plain",
  });

test("more memory than it may have, outside of the heap", async () => {
  open({ memoryLimit: 300 });
  await expectToRead();
  await expect(read(bomb)).rejects.toThrow("it needs more than 300 MB to read");
  await expectToRead();
});

test("more time than it may have", async () => {
  open({ timeLimit: 1 });
  await expect(read(bomb)).rejects.toThrow("it takes more than 0 s to read");
});

test("an abort ends the process at once, and only what it was reading", async () => {
  open();
  await expectToRead();
  const abort = new AbortController();
  const reading = read(bomb, abort.signal);
  setTimeout(() => abort.abort(), 100);
  await expect(reading).rejects.toThrow("aborted");
  await expect(read(bomb, abort.signal)).rejects.toThrow("aborted");
  await expectToRead();
});
