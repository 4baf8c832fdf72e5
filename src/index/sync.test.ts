import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readDocument } from "../documents/read-document.ts";
import { InputError } from "../errors.ts";
import { asNobody } from "../testing/as-nobody.ts";
import { fakeEmbeddingModel } from "../testing/fake-embedding-model.ts";
import type { LinkedSource } from "./collections.ts";
import { MemoryIndex } from "./memory-index.ts";
import { syncIndex } from "./sync.ts";

const reader = { read: readDocument };
let root: string;
let index: MemoryIndex;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "vikhr-sync-")));
  mkdirSync(join(root, "docs"));
  index = new MemoryIndex();
  write("docs/a.md", "# Ледники\n\nЛедники тают.");
  write("docs/b.txt", "Glaciers melt.");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const at = (name: string) => join(root, name);
const write = (name: string, text: string) => writeFileSync(at(name), text);
const folder = (): LinkedSource => ({ location: at("docs"), kind: "folder" });
const sources = async () => (await index.documents()).map(({ source }) => source.slice(root.length + 1));
const sync = async (linked: LinkedSource[] = [folder()]) => {
  const { failed, chunks: _, ...counts } = await syncIndex(index, linked, reader);
  return { ...counts, failed: failed.map(({ path, reason }) => `${path.slice(root.length + 1)}: ${reason}`) };
};
const counts = { added: 0, replaced: 0, removed: 0, unchanged: 0, failed: [] as string[] };

test("new, changed, touched and deleted files", async () => {
  expect(await sync()).toEqual({ ...counts, added: 2 });
  expect(await sync()).toEqual({ ...counts, unchanged: 2 });
  write("docs/b.txt", "The sea rises.");
  utimesSync(at("docs/a.md"), 1, 1);
  write("docs/c.html", "<p>Новая страница.</p>");
  expect(await sync()).toEqual({ ...counts, added: 1, replaced: 1, unchanged: 1 });
  expect(await index.search("glaciers", 5)).toEqual([]);
  expect(await index.search("страница", 5)).toHaveLength(1);
  rmSync(at("docs/a.md"));
  renameSync(at("docs/b.txt"), at("docs/d.txt"));
  expect(await sync()).toEqual({ ...counts, added: 1, removed: 2, unchanged: 1 });
  expect(await sources()).toEqual(["docs/c.html", "docs/d.txt"]);
});

test("a file that is touched is found by its new time, and counts as unchanged", async () => {
  await sync();
  utimesSync(at("docs/b.txt"), 1000, 1000);
  const first = await syncIndex(index, [folder()], reader);
  expect(first).toMatchObject({ ...counts, unchanged: 2, chunks: 1 });
  expect(await index.search("glaciers", 5, { modifiedTo: 1_000_000 })).toHaveLength(1);
  expect(await syncIndex(index, [folder()], reader)).toMatchObject({ unchanged: 2, chunks: 0 });
  // Vectors would be made again.
  utimesSync(at("docs/b.txt"), 2000, 2000);
  const embedding = fakeEmbeddingModel();
  expect(await syncIndex(index, [folder()], reader, { embedding })).toMatchObject({
    unchanged: 2,
    chunks: 0,
  });
});

test("what cannot be read is named and does not stop the rest, now or after it could be", async () => {
  write("docs/c.md", "");
  write("docs/d.pdf", "no PDF");
  write("docs/e.html", "<title>App</title><div id=root></div><script>start()</script>");
  const large = join(root, "docs/large.txt");
  writeFileSync(large, "");
  truncateSync(large, 300 * 1024 * 1024);
  const first = await sync();
  expect(first).toMatchObject({ added: 2 });
  expect(first.failed.map((line) => line.slice(0, 30))).toEqual([
    "docs/c.md: it is empty",
    expect.stringMatching(/^docs\/d\.pdf: it is damaged/),
    "docs/e.html: it holds no text ",
    expect.stringMatching(/^docs\/large\.txt: it has 3145/),
  ]);
  write("docs/a.md", "");
  write("docs/c.md", "Теперь здесь текст.");
  expect(await sync()).toMatchObject({ added: 1, removed: 1, unchanged: 1 });
  expect(await sources()).toEqual(["docs/b.txt", "docs/c.md"]);
});

test("a file that is linked twice is there once, and stays while one link does", async () => {
  const file: LinkedSource = { location: at("docs/a.md"), kind: "file" };
  expect(await sync([folder(), file])).toMatchObject({ added: 2 });
  expect(await sync([file])).toMatchObject({ replaced: 1, removed: 1 });
  expect(await sources()).toEqual(["docs/a.md"]);
  expect(await sync([])).toMatchObject({ removed: 1 });
});

test("a folder that is away keeps its documents; a deleted file goes", async () => {
  await sync();
  renameSync(at("docs"), at("elsewhere"));
  const away = await sync();
  expect(away).toMatchObject({ removed: 0 });
  expect(away.failed).toEqual([expect.stringContaining("there is no such file")]);
  expect(await sources()).toEqual(["docs/a.md", "docs/b.txt"]);
  renameSync(at("elsewhere"), at("docs"));
  const file: LinkedSource = { location: at("docs/a.md"), kind: "file" };
  await sync([file]);
  rmSync(at("docs/a.md"));
  expect(await sync([file])).toMatchObject({ removed: 1 });
});

test("what lies in folders that cannot be looked into stays, however it was linked", async () => {
  mkdirSync(at("docs/sub"));
  write("docs/sub/c.md", "Моря.");
  write("docs/sub-c.md", "Реки.");
  const linked: LinkedSource[] = [
    folder(),
    { location: `${at("docs")}/**/*.md`, kind: "pattern" },
    { location: at("docs/sub/c.md"), kind: "file" },
  ];
  for (const name of ["", "docs"]) chmodSync(at(name), 0o755);
  for (const source of linked) {
    await sync([source]);
    const all = await sources();
    chmodSync(at("docs/sub"), 0o000);
    const shut = await asNobody(() => sync([source]));
    expect(shut).toMatchObject({ removed: 0, failed: [expect.stringMatching(/^docs\/sub.*EACCES/)] });
    expect(await sources()).toEqual(all);
    chmodSync(at("docs/sub"), 0o755);
  }
  await sync();
  chmodSync(at("docs"), 0o000);
  const shut = await asNobody(() => sync());
  expect(shut).toEqual({ ...counts, failed: [expect.stringMatching(/^docs: this folder cannot/)] });
  chmodSync(at("docs"), 0o755);
  // A file beside the closed folder is no part of it, and is missed.
  rmSync(at("docs/sub-c.md"));
  chmodSync(at("docs/sub"), 0o000);
  expect(await asNobody(() => sync())).toMatchObject({ removed: 1, unchanged: 2 });
  chmodSync(at("docs/sub"), 0o755);
});

test("what a link leads to, and is away, keeps its documents; other links that lead nowhere are none", async () => {
  mkdirSync(at("disk/notes"), { recursive: true });
  write("disk/notes/c.md", "Моря.");
  symlinkSync("../disk/notes", at("docs/disk"));
  symlinkSync("nowhere", at("docs/latest"));
  for (const source of [folder(), { location: `${at("docs")}/**/*.md`, kind: "pattern" } as const]) {
    await sync([source]);
    renameSync(at("disk"), at("unplugged"));
    const away = await sync([source]);
    expect(away).toMatchObject({
      removed: 0,
      failed: [expect.stringMatching(/^disk\/notes: it is not there/)],
    });
    expect(await sources()).toContain("disk/notes/c.md");
    renameSync(at("unplugged"), at("disk"));
  }
  rmSync(at("docs/disk"));
  expect(await sync()).toMatchObject({ removed: 1, failed: [] });
});

test("a pattern whose folder is away keeps its documents", async () => {
  const pattern: LinkedSource = { location: `${at("docs")}/*.md`, kind: "pattern" };
  await sync([pattern]);
  renameSync(at("docs"), at("elsewhere"));
  const away = await sync([pattern]);
  expect(away).toEqual({ ...counts, failed: [expect.stringContaining("there is no such file")] });
});

test("a part is looked at alone: nothing else is read, found missing, or complained of", async () => {
  await sync();
  write("docs/a.md", "# Моря");
  write("docs/b.txt", "New.");
  write("docs/c.md", "");
  rmSync(at("docs/a.md"));
  const part = (name: string) => syncIndex(index, [folder()], reader, { only: new Set([at(name)]) });
  expect(await part("docs/b.txt")).toMatchObject({ ...counts, replaced: 1 });
  expect(await sources()).toEqual(["docs/a.md", "docs/b.txt"]);
  expect(await part("docs/c.md")).toMatchObject({ ...counts, failed: [{ path: at("docs/c.md") }] });
  expect(await part("docs/a.md")).toMatchObject({ ...counts, removed: 1 });
  expect(await sources()).toEqual(["docs/b.txt"]);
});

test("an abort keeps what is done", async () => {
  const abort = new AbortController();
  const running = syncIndex(index, [folder()], reader, {
    signal: abort.signal,
    onProgress: ({ files }) => files === 1 && abort.abort(),
  });
  await expect(running).rejects.toThrow("aborted");
  expect(await sync()).toMatchObject({ added: 1, unchanged: 1 });
});

test("an abort reaches a file that is being read: it stays as it was, and what was read before is kept", async () => {
  await sync();
  write("docs/a.md", "# Моря");
  write("docs/b.txt", "The sea rises.");
  const abort = new AbortController();
  const slow: Parameters<typeof syncIndex>[2] = {
    async read(source, bytes, { signal, ...options } = {}) {
      if (source !== at("docs/b.txt")) return readDocument(source, bytes, options);
      abort.abort();
      expect(signal?.aborted).toBe(true);
      throw new InputError("it was ended");
    },
  };
  await expect(syncIndex(index, [folder()], slow, { signal: abort.signal })).rejects.toThrow("aborted");
  expect(await sources()).toEqual(["docs/a.md", "docs/b.txt"]);
  expect(await index.search("glaciers", 5)).toHaveLength(1);
  expect(await sync()).toMatchObject({ replaced: 1, unchanged: 1 });
});

test("an abort while files are looked for", async () => {
  const signal = AbortSignal.abort();
  await expect(syncIndex(index, [folder()], reader, { signal })).rejects.toThrow("aborted");
});

test("an abort reaches a page that does not come; what was read before is kept", async () => {
  const abort = new AbortController();
  const server = createServer(() => abort.abort());
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const location = `http://127.0.0.1:${(server.address() as AddressInfo).port}/wind`;
  const running = syncIndex(index, [folder(), { location, kind: "address" }], reader, {
    allowPrivate: true,
    signal: abort.signal,
  });
  await expect(running).rejects.toThrow("aborted");
  server.close();
  expect(await sync()).toMatchObject({ unchanged: 2 });
});

test("progress begins before the first file", async () => {
  const told: string[] = [];
  await syncIndex(index, [folder()], reader, {
    onProgress: ({ files, totalFiles }) => told.push(`${files} of ${totalFiles}`),
  });
  expect(told).toEqual(["0 of 2", "1 of 2", "2 of 2"]);
});

test("a web page stays linked, and stays as it was while it does not come", async () => {
  let page: string | undefined = "<title>Ветер</title><p>Ветер дует с моря.</p>";
  const server = createServer((_, response) => {
    if (page === undefined) response.writeHead(500).end();
    else response.setHeader("content-type", "text/html").end(page);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const location = `http://127.0.0.1:${(server.address() as AddressInfo).port}/wind`;
  const get = (allowPrivate = true) =>
    syncIndex(index, [{ location, kind: "address" }], reader, { allowPrivate });
  expect((await get(false)).failed[0]!.reason).toContain("private network");
  expect(await get()).toMatchObject({ added: 1 });
  expect((await index.documents())[0]).toMatchObject({ source: location, title: "Ветер", format: "html" });
  expect(await get()).toMatchObject({ unchanged: 1 });
  page = undefined;
  expect(await get()).toMatchObject({ removed: 0, failed: [{ path: location }] });
  page = "<p>Теперь дождь.</p>";
  expect(await get()).toMatchObject({ replaced: 1 });
  expect(await index.search("дождь", 5)).toHaveLength(1);
  server.close();
});
