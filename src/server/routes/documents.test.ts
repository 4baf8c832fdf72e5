import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemoryIndex } from "../../index/memory-index.ts";
import { Corpora } from "../../rag/corpora.ts";
import { createApp } from "../create-app.ts";

let root: string;
let corpora: Corpora;
let app: ReturnType<typeof createApp>;
const start = ({ isLocal = true, maxUploadBytes = 10_000 } = {}) =>
  createApp({ model: () => undefined, corpora, isLocal, maxUploadBytes });
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "vikhr-documents-")));
  const open = async () => ({ index: new MemoryIndex(), close: async () => {} });
  corpora = new Corpora({ folder: join(root, "collections"), open });
  app = start();
});
afterEach(async () => {
  await corpora.close();
  rmSync(root, { recursive: true, force: true });
});

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const isForm = body instanceof FormData;
  const response = await app.request(path, {
    method,
    ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    headers: { ...(body !== undefined && !isForm && { "content-type": "application/json" }), ...headers },
  });
  return { status: response.status, json: JSON.parse(await response.text()) };
}
const form = (...files: [name: string, content: string][]) => {
  const form = new FormData();
  for (const [name, content] of files) form.append("file", new Blob([content]), name);
  return form;
};
const refused = (status: number, param: string | null = null) => ({
  status,
  json: { error: { message: expect.any(String), type: "invalid_request_error", param, code: null } },
});
const none = { added: 0, replaced: 0, removed: 0, unchanged: 0, chunks: 0, failed: [] };
const sources = async () =>
  (await call("GET", "/v1/documents")).json.data.map(({ source }: { source: string }) =>
    source.slice(root.length + 1),
  );

test("collections are made, listed and deleted", async () => {
  expect(await call("GET", "/v1/collections")).toEqual({ status: 200, json: { object: "list", data: [] } });
  const notes = { id: "notes", object: "collection", documents: 0, sources: [], embedding: null };
  expect(await call("POST", "/v1/collections", { name: "notes" })).toEqual({ status: 201, json: notes });
  expect(await call("POST", "/v1/collections", { name: "notes" })).toEqual(refused(409));
  expect(await call("POST", "/v1/collections", { name: "../x" })).toEqual(refused(400));
  expect(await call("POST", "/v1/collections", { name: 5 })).toEqual(refused(400, "name"));
  await call("POST", "/v1/documents?collection=notes", form(["a.md", "Лёд."]));
  expect((await call("GET", "/v1/collections/notes")).json).toEqual({ ...notes, documents: 1 });
  expect((await call("GET", "/v1/collections")).json.data).toEqual([{ ...notes, documents: 1 }]);
  mkdirSync(join(root, "collections", "broken"));
  writeFileSync(join(root, "collections", "broken", "collection.json"), "{");
  expect((await call("GET", "/v1/collections")).json.data).toEqual([
    { ...notes, id: "broken", problem: expect.stringContaining("collection.json is damaged") },
    { ...notes, documents: 1 },
  ]);
  expect((await call("DELETE", "/v1/collections/broken")).status).toBe(200);
  expect((await call("DELETE", "/v1/collections/notes")).json).toEqual({
    id: "notes",
    object: "collection.deleted",
    deleted: true,
  });
  for (const method of ["GET", "DELETE"])
    expect(await call(method, "/v1/collections/notes")).toEqual(refused(404));
});

test("files are uploaded, listed, found, read, served and deleted", async () => {
  const added = await call(
    "POST",
    "/v1/documents",
    form(["лёд.md", "# Лёд\n\nЛедник тает."], ["b.txt", "Sea."], ["c.gif", "x"]),
  );
  expect(added).toEqual({
    status: 200,
    json: {
      ...none,
      added: 2,
      chunks: 2,
      failed: [{ path: "c.gif", reason: "files of this kind are not read" }],
    },
  });
  const { data } = (await call("GET", "/v1/documents")).json;
  const source = join(root, "collections/default/uploads/лёд.md");
  const document = { object: "document", source, title: "лёд", format: "markdown", uploaded: true };
  expect(data[1]).toEqual({
    ...document,
    id: expect.stringMatching(/^doc_[0-9a-f]{24}$/),
    modified: expect.any(Number),
  });
  const { id } = data[1];

  const found = (await call("POST", "/v1/documents/search", { query: "ледники", top_k: 3 })).json;
  const text = "# Лёд\n\nЛедник тает.";
  expect(found.data).toEqual([
    {
      ...{
        doc_id: 0,
        document: id,
        source,
        title: "лёд > Лёд",
        format: "markdown",
        start: 0,
        end: text.length,
        text,
      },
      score: expect.any(Number),
      rank: 1,
    },
  ]);
  const filter = { formats: ["plain"] };
  expect((await call("POST", "/v1/documents/search", { query: "ледники", filter })).json.data).toEqual([]);

  expect((await call("GET", `/v1/documents/${id}`)).json).toEqual({
    ...data[1],
    text,
    page_starts: null,
    changed: false,
  });
  const file = await app.request(`/v1/documents/${id}/file`);
  expect([await file.text(), file.headers.get("content-type")]).toEqual([text, "text/plain; charset=utf-8"]);

  const again = await call("POST", "/v1/documents", form(["лёд.md", "Снег."]));
  expect(again.json).toMatchObject({ added: 0, replaced: 1 });
  expect((await call("DELETE", `/v1/documents/${id}`)).json).toEqual({
    id,
    object: "document.deleted",
    deleted: true,
  });
  expect(await sources()).toEqual(["collections/default/uploads/b.txt"]);
  for (const [method, path] of [
    ["GET", ""],
    ["GET", "/file"],
    ["DELETE", ""],
  ] as const)
    expect(await call(method, `/v1/documents/${id}${path}`)).toEqual(refused(404));
});

test("texts become documents", async () => {
  const documents = [
    { title: "Ветер с моря", content: "Ветер дует." },
    { name: "n.txt", content: "Note." },
    { content: "x" },
  ];
  expect((await call("POST", "/v1/documents", { documents })).json).toMatchObject({ added: 3, failed: [] });
  const { data } = (await call("GET", "/v1/documents")).json;
  expect(data.map(({ title }: { title: string }) => title)).toEqual([
    "n",
    expect.stringMatching(/^text-/),
    "Ветер с моря",
  ]);
});

test("sources are linked and unlinked where the server runs for its user, and only there", async () => {
  const docs = join(root, "docs");
  mkdirSync(docs);
  writeFileSync(join(docs, "a.md"), "Лёд.");
  const body = { sources: [docs] };
  expect((await call("POST", "/v1/documents", body)).json).toMatchObject({ added: 1 });
  expect((await call("GET", "/v1/collections/default")).json.sources).toEqual([docs]);
  const { id } = (await call("GET", "/v1/documents")).json.data[0];
  expect(await call("DELETE", `/v1/documents/${id}`)).toEqual(refused(409));
  expect(await call("DELETE", "/v1/documents")).toEqual(refused(400, "source"));
  expect(await call("DELETE", "/v1/documents?source=/other")).toEqual(refused(404));
  for (const source of ["docs", "../docs", `${docs}\0`, "file:///etc"])
    expect(await call("POST", "/v1/documents", { sources: [source] })).toEqual(refused(400, "sources[0]"));
  expect(await call("POST", "/v1/documents", { sources: [join(root, "none.md")] })).toEqual(refused(400));
  app = start({ isLocal: false });
  const { status, json } = await call("POST", "/v1/documents", body);
  expect([status, json.error.type, json.error.param]).toEqual([403, "permission_error", "sources"]);
  app = start();
  expect((await call("DELETE", `/v1/documents?source=${encodeURIComponent(docs)}`)).json).toEqual({
    ...none,
    removed: 1,
  });
});

test("with text/event-stream progress comes, then the answer; what fails is an event", async () => {
  const stream = async () => {
    const headers = { accept: "text/event-stream" };
    const response = await app.request("/v1/documents", {
      method: "POST",
      body: form(["a.md", "Лёд."]),
      headers,
    });
    return (await response.text())
      .trim()
      .split("\n\n")
      .map((event) => {
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(event)!;
        return [name, JSON.parse(data!)];
      });
  };
  expect(await stream()).toEqual([
    ["progress", { files: 0, total_files: 1, bytes: 0, total_bytes: 7, chunks: 0 }],
    ["done", { ...none, added: 1, chunks: 1 }],
  ]);
  const unlock = await corpora.collection("default").lock();
  expect(await stream()).toEqual([["error", refused(409).json]]);
  await unlock();
});

describe("refused, with nothing kept", () => {
  const post = async (body: string, type?: string, query = "") => {
    const headers: Record<string, string> = type === undefined ? {} : { "content-type": type };
    const response = await app.request(`/v1/documents${query}`, { method: "POST", body, headers });
    return { status: response.status, json: await response.json() };
  };
  const part = (name: string) =>
    `--b\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\nЛёд.\r\n`;
  const multipart = "multipart/form-data; boundary=b";
  afterEach(async () => {
    expect(await sources()).toEqual([]);
    const aside = join(root, "collections/.incoming");
    expect(readdirSync(aside, { recursive: true })).toEqual([]);
  });
  beforeEach(async () => {
    await corpora.create("default");
    mkdirSync(join(root, "collections/.incoming"));
  });

  test.each(["../a.md", "a/b.md", "..\\a.md", "con.md", ".a.md", "", `${"я".repeat(140)}.md`, "a\u0000.md"])(
    "a file named %j, though one before it was good",
    async (name) =>
      expect(await post(`${part("good.md")}${part(name)}--b--`, multipart)).toEqual(refused(400, "file")),
  );

  test("a name twice, or in another case", async () => {
    for (const name of ["good.md", "Good.md"])
      expect(await post(`${part("good.md")}${part(name)}--b--`, multipart)).toEqual(refused(400, "file"));
  });

  test("bodies that are cut, empty, of another type, or no JSON", async () => {
    expect(await post(part("a.md"), multipart)).toEqual(refused(400));
    expect(await post("--b--", multipart)).toEqual(refused(400, "file"));
    expect(await post(part("a.md"), "multipart/form-data")).toEqual(refused(400));
    expect(await post("x", "text/plain")).toEqual(refused(415));
    expect(await post("{", "application/json")).toEqual(refused(400));
    expect(await post("[]", "application/json")).toEqual(refused(400));
    expect(await post('{"documents": []}', "application/json")).toEqual(refused(400, "documents"));
    expect(await post('{"documents": [{"name": "/a.md", "content": "x"}]}', "application/json")).toEqual(
      refused(400, "documents[0].name"),
    );
  });

  test("more than is taken, told before or not", async () => {
    const large = part("a.md") + part("b.md").replace("Лёд.", "x".repeat(10_000));
    expect(await post(`${large}--b--`, multipart)).toEqual(refused(413));
    const chunked = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(large));
        controller.close();
      },
    });
    const request = new Request("http://localhost/v1/documents", {
      method: "POST",
      body: chunked,
      headers: { "content-type": multipart },
      duplex: "half",
    } as RequestInit);
    expect((await app.request(request)).status).toBe(413);
    expect(await post(`{"documents": [{"content": "${"x".repeat(10_000)}"}]}`, "application/json")).toEqual(
      refused(413),
    );
  });

  test("a collection that is not there, or is none", async () => {
    expect(await post(`${part("a.md")}--b--`, multipart, "?collection=other")).toEqual(refused(404));
    expect(await post(`${part("a.md")}--b--`, multipart, "?collection=../x")).toEqual(refused(400));
    expect(readdirSync(join(root, "collections")).sort()).toEqual([".incoming", "default"]);
  });
});

test("/openapi.json can be made of it, and says of each route what it does", () => {
  const { paths, components } = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Vikhr", version: "0" },
  });
  // Left out where nothing was passed over.
  expect(components!.schemas!.SyncResult).toMatchObject({
    required: expect.not.arrayContaining(["skipped"]),
  });
  const routes = Object.entries(paths!).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary, description }]) => ({
      name: `${method} ${path}`,
      summary,
      description,
    })),
  );
  expect(routes.map(({ name }) => name).sort()).toEqual(
    expect.arrayContaining([
      "post /v1/documents",
      "post /v1/documents/search",
      "get /v1/documents/{id}/file",
    ]),
  );
  for (const { summary, description } of routes) expect([summary, description].every(Boolean)).toBe(true);
});

test("an upload is kept as it was sent", async () => {
  await call("POST", "/v1/documents", form(["a.md", "\r\n--x\r\n\ufeffЛёд.\r\n"]));
  expect(readFileSync(join(root, "collections/default/uploads/a.md"), "utf8")).toBe(
    "\r\n--x\r\n\ufeffЛёд.\r\n",
  );
});
