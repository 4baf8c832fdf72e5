import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConflictError, InputError, NotFoundError } from "../errors.ts";
import { Collection } from "../index/collections.ts";
import { linkedSource } from "../index/linked-source.ts";
import { MemoryIndex } from "../index/memory-index.ts";
import { Corpora } from "./corpora.ts";
import { documentId } from "./document-id.ts";

let root: string;
let folder: string;
let corpora: Corpora;
let opened: { name: string; isClosed: boolean }[];
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "vikhr-corpora-")));
  folder = join(root, "collections");
  opened = [];
  corpora = new Corpora({
    folder,
    open: async ({ name }) => {
      const one = { name, isClosed: false };
      opened.push(one);
      const close = async () => {
        one.isClosed = true;
      };
      return { index: new MemoryIndex(), close };
    },
  });
});
afterEach(async () => {
  await corpora.close();
  rmSync(root, { recursive: true, force: true });
});

const upload = async (name: string, files: Record<string, string>) => {
  const uploads = corpora.uploads();
  for (const [file, content] of Object.entries(files)) await uploads.add(file, content);
  try {
    return await corpora.addUploads(name, uploads);
  } finally {
    await uploads.discard();
  }
};
const sources = async (name = "a") =>
  (await corpora.documents(name)).map(({ source }) => source.slice(root.length + 1));

test("collections are made once, listed, opened once, and deleted with what was uploaded", async () => {
  await expect(corpora.get("a")).rejects.toThrow(NotFoundError);
  await corpora.create("b");
  await corpora.create("a");
  await expect(corpora.create("a")).rejects.toThrow(ConflictError);
  await expect(corpora.create("../a")).rejects.toThrow(InputError);
  mkdirSync(join(folder, ".hidden"));
  expect(corpora.names()).toEqual(["a", "b"]);
  await upload("a", { "x.md": "Лёд." });
  await Promise.all([corpora.get("a"), corpora.get("a")]);
  expect(opened).toEqual([{ name: "a", isClosed: false }]);
  await corpora.delete("b");
  expect(corpora.names()).toEqual(["a"]);
  expect(readdirSync(folder).sort()).toEqual([".hidden", ".incoming", "a"]);
});

test("a deleted collection is closed when its last user gives it back", async () => {
  await corpora.create("a");
  const [first, second] = [await corpora.get("a"), await corpora.get("a")];
  await corpora.delete("a");
  await first.close();
  await first.close();
  expect(opened[0]!.isClosed).toBe(false);
  await second.close();
  expect(opened[0]!.isClosed).toBe(true);
  await corpora.create("a");
  await corpora.get("a");
  expect(opened).toHaveLength(2);
});

test("a collection whose index or model another process made anew is opened anew", async () => {
  const collection = await corpora.create("a");
  await (await corpora.get("a")).close();
  mkdirSync(join(folder, "a", "index"));
  await (await corpora.get("a")).close();
  await collection.writeContents({ sources: [], embedding: { model: "m", dimension: 3 } });
  await (await corpora.get("a")).close();
  await (await corpora.get("a")).close();
  expect(opened.map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
});

test("what fails because the collection was deleted is told so; what fails otherwise is not", async () => {
  await corpora.create("a");
  const failed = async () => {
    throw new Error("no such table");
  };
  await expect(corpora.use("a", failed)).rejects.toThrow("no such table");
  const deleted = corpora.use("a", async () => {
    await corpora.delete("a");
    return failed();
  });
  await expect(deleted).rejects.toThrow(NotFoundError);
  expect(opened.at(-1)!.isClosed).toBe(true);
});

test("an opening that failed is tried again", async () => {
  let attempts = 0;
  const failing = new Corpora({
    folder,
    open: async () => {
      if (++attempts === 1) throw new InputError("no model");
      return { index: new MemoryIndex(), close: async () => {} };
    },
  });
  await failing.create("a");
  await expect(failing.get("a")).rejects.toThrow("no model");
  expect(await failing.documents("a")).toEqual([]);
});

test("uploads of many at once are all there; what cannot be read is not kept", async () => {
  await corpora.create("a");
  const names = Array.from({ length: 8 }, (_, i) => `${i}.md`);
  const results = await Promise.all(names.map((name) => upload("a", { [name]: `Лёд ${name}.` })));
  for (const result of results)
    expect(result).toMatchObject({ added: 1, removed: 0, unchanged: 0, failed: [] });
  const mixed = await upload("a", { "0.md": "Снег.", "empty.md": " ", "x.jpg": "x" });
  expect(mixed).toMatchObject({ added: 0, replaced: 1 });
  expect(mixed.failed.map(({ path }) => path)).toEqual(["x.jpg", "empty.md"]);
  expect(readdirSync(join(folder, "a", "uploads")).sort()).toEqual(names);
  expect(await sources()).toEqual(names.map((name) => `collections/a/uploads/${name}`));
});

test("another process that writes is a conflict, and what was sent is not kept", async () => {
  const collection = await corpora.create("a");
  const unlock = await new Collection("a", folder).lock();
  await expect(upload("a", { "x.md": "Лёд." })).rejects.toThrow(ConflictError);
  await expect(corpora.delete("a")).rejects.toThrow(ConflictError);
  await unlock();
  expect(readdirSync(join(folder, ".incoming"))).toEqual([]);
  expect(collection.contents().sources).toEqual([]);
  await upload("a", { "x.md": "Лёд." });
});

test("a collection is not deleted under what is being added", async () => {
  await corpora.create("a");
  writeFileSync(join(root, "x.md"), "Лёд.");
  const adding = corpora.addSources("a", [linkedSource(join(root, "x.md"))]);
  await expect(corpora.delete("a")).rejects.toThrow("is being changed");
  expect(await adding).toMatchObject({ added: 1 });
  await corpora.delete("a");
});

test("sources are linked and unlinked; a file that another one holds stays", async () => {
  await corpora.create("a");
  const docs = join(root, "docs");
  mkdirSync(docs);
  for (const name of ["x.md", "y.md"]) writeFileSync(join(docs, name), `Лёд ${name}.`);
  const file = linkedSource(join(docs, "x.md"));
  expect(await corpora.addSources("a", [linkedSource(docs), file])).toMatchObject({ added: 2 });
  await upload("a", { "z.md": "Лёд." });
  await expect(corpora.removeSource("a", join(root, "other"))).rejects.toThrow(NotFoundError);
  expect(await corpora.removeSource("a", docs)).toMatchObject({ replaced: 1, removed: 1, unchanged: 0 });
  expect(await sources()).toEqual(["collections/a/uploads/z.md", "docs/x.md"]);
  await expect(corpora.removeDocument("a", documentId(file.location))).rejects.toThrow(ConflictError);
  const uploaded = (await corpora.documents("a"))[0]!;
  expect(corpora.isUpload("a", uploaded)).toBe(true);
  await corpora.removeDocument("a", documentId(uploaded.source));
  await expect(corpora.removeDocument("a", documentId(uploaded.source))).rejects.toThrow(NotFoundError);
  expect(await sources()).toEqual(["docs/x.md"]);
  expect(readdirSync(join(folder, "a", "uploads"))).toEqual([]);
});

test("a document is read anew, and only from its own place", async () => {
  await corpora.create("a");
  const path = join(root, "x.md");
  writeFileSync(path, "Лёд.");
  await corpora.addSources("a", [linkedSource(path)]);
  const read = () => corpora.readDocument("a", documentId(path));
  expect(await read()).toMatchObject({ document: { text: "Лёд." }, changed: false });
  writeFileSync(path, "Снег.");
  expect(await read()).toMatchObject({ document: { text: "Снег." }, changed: true });
  rmSync(path);
  await expect(read()).rejects.toThrow(NotFoundError);
  writeFileSync(join(root, "secret.md"), "Тайна.");
  symlinkSync(join(root, "secret.md"), path);
  await expect(read()).rejects.toThrow(NotFoundError);
  await expect(corpora.readDocument("a", "doc_0")).rejects.toThrow(NotFoundError);
});
