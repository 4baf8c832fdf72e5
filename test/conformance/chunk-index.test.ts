/** Every index of chunks does the same. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { chunkDocument } from "../../src/chunking/chunk-document.ts";
import { VikhrError } from "../../src/errors.ts";
import type { ChunkFilter, ChunkIndex, IndexEntry } from "../../src/index/chunk-index.ts";
import { Collection } from "../../src/index/collections.ts";
import type { FormatName } from "../../src/index/format-names.ts";
import { openLanceIndex } from "../../src/index/lance-index.ts";
import { MemoryIndex } from "../../src/index/memory-index.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-index-"));
afterAll(() => rmSync(folder, { recursive: true }));

let opened = 0;
const IMPLEMENTATIONS: [string, (dimension?: number) => Promise<ChunkIndex>][] = [
  ["memory", async () => new MemoryIndex()],
  ["LanceDB", (dimension) => openLanceIndex(join(folder, `${++opened}`), { dimension })],
];

/** Of length 1, at an angle of `degrees`. */
const vector = (degrees: number) =>
  Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));

const entry = (source: string, text: string, modified = 0): IndexEntry => {
  const document = { source, title: null, format: "markdown" as const, text };
  return {
    document: { source, title: null, format: "markdown", hash: `${text.length}`, modified, addedAs: "/docs" },
    chunks: chunkDocument(document),
  };
};

const ENTRIES = [
  entry("/docs/a.md", "# Ледники\n\nЛедники тают быстрее.\n\n# Моря\n\nУровень моря растёт.", 1000),
  entry("/docs/b.md", "Glaciers melt, and the sea rises.", 2000),
  entry("/docs/c/d.md", "Про ледник говорят в книге, и про море тоже. Ледник велик.", 3000),
];

test("LanceDB: an open index shows what another one wrote, optimized and removed", async () => {
  const uri = join(folder, "shared");
  const [reader, writer] = [await openLanceIndex(uri), await openLanceIndex(uri)];
  const found = async () => (await reader.search("ледник glaciers", 10)).map(({ chunk }) => chunk.source);
  await writer.replace(ENTRIES.slice(1, 2));
  expect(await found()).toEqual(["/docs/b.md"]);
  await writer.replace(ENTRIES.slice(0, 1));
  await writer.optimize();
  expect(new Set(await found())).toEqual(new Set(["/docs/a.md", "/docs/b.md"]));
  await writer.remove(["/docs/b.md"]);
  expect((await reader.documents()).map(({ source }) => source)).toEqual(["/docs/a.md"]);
  expect(await found()).toEqual(["/docs/a.md"]);
  await reader.close();
  await writer.close();
});

test("LanceDB: what is damaged says where, and how it is made anew, without places in Rust's source", async () => {
  const collection = new Collection("книги", folder);
  const index = await collection.openIndex();
  await index.replace(ENTRIES);
  await index.close();
  const data = join(folder, "книги", "index", "chunks.lance", "data");
  for (const name of readdirSync(data)) truncateSync(join(data, name), 100);
  const read = async () => {
    const opened = await collection.openIndex();
    try {
      return await opened.documents();
    } finally {
      await opened.close();
    }
  };
  const said = `the index in ${join(folder, "книги", "index")} is damaged: vikhr remove --all -C книги, and adding again, makes it anew`;
  await expect(read()).rejects.toThrow(new VikhrError(said));
  const uploads = join(folder, "книги", "uploads");
  mkdirSync(uploads);
  const kept = `${said}; what was uploaded goes, too: copy ${uploads} first`;
  await expect(read()).rejects.toThrow(new VikhrError(kept));
  // What cannot be read does not keep it from being deleted.
  writeFileSync(join(folder, "книги", "collection.json"), "{");
  await collection.delete();
  expect(readdirSync(folder)).not.toContain("книги");
});

describe.each(IMPLEMENTATIONS)("%s index", (_, open) => {
  const filled = async () => {
    const index = await open();
    await index.replace(ENTRIES);
    return index;
  };
  const texts = async (index: ChunkIndex, query: string, filter = {}) =>
    (await index.search(query, 10, filter)).map(({ chunk }) => chunk.text);

  test("an empty one finds nothing", async () => {
    const index = await open();
    expect(await index.documents()).toEqual([]);
    expect(await index.search("ледник", 10)).toEqual([]);
    await index.optimize();
    await index.close();
  });

  test("finds words in other forms, the better match first, and gives chunks whole", async () => {
    const index = await filled();
    const hits = await index.search("Что говорят про ледник в книге?", 10);
    expect(hits[0]!.chunk).toEqual(ENTRIES[2]!.chunks[0]);
    expect(hits.map(({ chunk }) => chunk)).toContainEqual(ENTRIES[0]!.chunks[0]);
    expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).sort((a, b) => b - a));
    expect(await texts(index, "melting glacier")).toEqual(["Glaciers melt, and the sea rises."]);
    expect(await index.search("про ледник и море", 1)).toHaveLength(1);
    await index.close();
  });

  test("copies come by their sources, in whatever order they were added", async () => {
    const index = await open();
    for (const name of ["c", "a", "d", "b"])
      await index.replace([entry(`/docs/${name}.md`, "Ледник велик.")]);
    await index.replace([entry("/docs/c.md", "Ледник велик.", 1)]);
    const hits = await index.search("ледник", 10);
    expect(hits.map(({ chunk }) => chunk.source)).toEqual(
      ["a", "b", "c", "d"].map((name) => `/docs/${name}.md`),
    );
    await index.close();
  });

  test("a query of nothing, of marks, or of unknown words finds nothing", async () => {
    const index = await filled();
    for (const query of ["", "?!", "\"'` OR NOT * ~", "квазар"])
      expect(await index.search(query, 10)).toEqual([]);
    await index.close();
  });

  test("replace takes the place of what was there, and remove takes it away", async () => {
    const index = await filled();
    await index.replace([entry("/docs/b.md", "Озеро замёрзло."), entry("/docs/e.md", "Ветер.")]);
    expect(await texts(index, "glaciers")).toEqual([]);
    expect(await texts(index, "озера")).toEqual(["Озеро замёрзло."]);
    await index.remove(["/docs/a.md", "/docs/e.md", "/nowhere"]);
    expect((await index.documents()).map(({ source }) => source)).toEqual(["/docs/b.md", "/docs/c/d.md"]);
    expect(await texts(index, "ветер уровень")).toEqual([]);
    await index.optimize();
    expect(await texts(index, "озеро ледник")).toHaveLength(2);
    await index.close();
  });

  test("gives the chunks of one document, in order, and of no other", async () => {
    const index = await filled();
    const paragraphs = Array.from({ length: 60 }, (_, i) => `${"Слово ".repeat(150)}${i}.`);
    const long = entry("/docs/it's.md", paragraphs.join("\n\n"));
    await index.replace([long]);
    expect(long.chunks.length).toBeGreaterThan(20);
    expect(await index.chunks("/docs/it's.md")).toEqual(long.chunks);
    expect(await index.chunks("/docs/a.md")).toEqual(ENTRIES[0]!.chunks);
    for (const other of ["/docs", "/docs/", "/docs/%", "' OR '1'='1", ""])
      expect(await index.chunks(other)).toEqual([]);
    await index.close();
  });

  test("a document without chunks is remembered", async () => {
    const index = await open();
    await index.replace([{ ...ENTRIES[0]!, chunks: [] }]);
    expect(await index.documents()).toEqual([ENTRIES[0]!.document]);
    expect(await index.chunks(ENTRIES[0]!.document.source)).toEqual([]);
    await index.close();
  });

  test("filters hold together", async () => {
    const index = await filled();
    expect(await texts(index, "ледник", { pathPrefix: "/docs/c/" })).toEqual([ENTRIES[2]!.chunks[0]!.text]);
    expect(await texts(index, "ледник sea", { modifiedFrom: 1001, modifiedTo: 2000 })).toEqual([
      "Glaciers melt, and the sea rises.",
    ]);
    expect(await texts(index, "ледник", { formats: ["html"] })).toEqual([]);
    expect(
      await texts(index, "ледник", { formats: ["markdown"], pathPrefix: "/docs/a.md", modifiedTo: 1000 }),
    ).toEqual([ENTRIES[0]!.chunks[0]!.text]);
    expect(await texts(index, "ледник", { pathPrefix: "/docs/_.md' OR '1'='1" })).toEqual([]);
    await index.close();
  });

  /** Of the sources, those that a filter lets through. */
  const filtered = async (sources: readonly string[], filter: ChunkFilter) => {
    const index = await open();
    await index.replace(sources.map((source) => entry(source, "Ледник.")));
    const hits = await index.search("ледник", 10, filter);
    await index.close();
    return hits.map(({ chunk }) => chunk.source).sort();
  };

  test("a path is a folder or a whole file, in either spelling of its letters; its siblings are others", async () => {
    const sources = ["/docs/x.md", "/docs2/x.md", "/docs/x.md.txt", "https://a.org/b", "https://a.org/bc"];
    const below = (pathPrefix: string) => filtered(sources, { pathPrefix });
    expect(await below("/docs")).toEqual(["/docs/x.md", "/docs/x.md.txt"]);
    expect(await below("/docs/")).toEqual(["/docs/x.md", "/docs/x.md.txt"]);
    expect(await below("/docs/x.md")).toEqual(["/docs/x.md"]);
    expect(await below("/")).toHaveLength(3);
    expect(await below("https://a.org/b")).toEqual(["https://a.org/b"]);
    expect(await below("https://a.org/")).toHaveLength(2);
    expect(await below("")).toHaveLength(5);
    const [nfc, nfd] = ["/заметки/й.md".normalize("NFC"), "/заметки/й.md".normalize("NFD")];
    expect(await filtered([nfd], { pathPrefix: nfc })).toEqual([nfd]);
    expect(await filtered([nfc], { pathPrefix: nfd })).toEqual([nfc]);
  });

  test("formats are those of texts, or endings of names in any case", async () => {
    const sources = ["/a.PDF", "/b.pdf.md", "/c.json", "/pdf"];
    const of = (...formats: FormatName[]) => filtered(sources, { formats });
    expect(await of("pdf")).toEqual(["/a.PDF"]);
    expect(await of("pdf", "json")).toEqual(["/a.PDF", "/c.json"]);
    expect(await of("pdf", "markdown")).toHaveLength(4);
    expect(await of("html", "epub")).toEqual([]);
    expect(await of()).toEqual([]);
  });

  test("vectors: the nearest first, within a filter, and replaced with their chunks", async () => {
    const index = await open(2);
    await index.replace([
      { ...ENTRIES[0]!, vectors: [vector(10), vector(80)] },
      { ...ENTRIES[1]!, vectors: [vector(40)] },
      { ...ENTRIES[2]!, chunks: [], vectors: [] },
    ]);
    const near = async (degrees: number, filter = {}) =>
      (await index.nearest(vector(degrees), 2, filter)).map(({ chunk }) => chunk.text.slice(0, 10));
    expect(await near(0)).toEqual(["# Ледники\n", "Glaciers m"]);
    expect(await near(90)).toEqual(["# Моря\n\nУр", "Glaciers m"]);
    expect(await near(0, { pathPrefix: "/docs/b.md" })).toEqual(["Glaciers m"]);
    const [best] = await index.nearest(vector(40), 1);
    expect(best!.chunk).toEqual(ENTRIES[1]!.chunks[0]);
    expect(best!.score).toBeCloseTo(1, 5);
    await index.replace([{ ...ENTRIES[1]!, vectors: [vector(-90)] }]);
    expect(await near(40)).toEqual(["# Ледники\n", "# Моря\n\nУр"]);
    await index.optimize();
    expect(await near(-90)).toEqual(["Glaciers m", "# Ледники\n"]);
    expect(await index.search("glaciers", 5)).toHaveLength(1);
    await index.close();
  });

  test("without vectors nothing is near", async () => {
    const index = await filled();
    expect(await index.nearest(vector(0), 5)).toEqual([]);
    await index.close();
  });
});

test("a LanceDB index that stays open shows what another writes, also where it is made anew", async () => {
  const place = join(folder, "shared");
  const writer = await openLanceIndex(place);
  await writer.replace([ENTRIES[0]!]);
  const reader = await openLanceIndex(place);
  expect(await reader.documents()).toHaveLength(1);
  await writer.replace([ENTRIES[1]!]);
  expect(await reader.documents()).toHaveLength(2);
  expect(await reader.search("glaciers", 5)).toHaveLength(1);
  await writer.close();
  rmSync(place, { recursive: true });
  const anew = await openLanceIndex(place);
  await anew.replace([ENTRIES[2]!]);
  expect((await reader.documents()).map(({ source }) => source)).toEqual(["/docs/c/d.md"]);
  expect(await reader.search("ледник", 5)).toHaveLength(1);
  await anew.close();
  await reader.close();
});
