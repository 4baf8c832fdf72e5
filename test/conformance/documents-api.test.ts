/** Documents over a real port, with real files and a real index: what unit tests with fakes cannot show. */
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "../e2e/run-cli.ts";
import { type DocumentsServer, startDocumentsServer } from "./documents-server.ts";
import { tinyPdf } from "./tiny-pdf.ts";

let root: string;
let server: DocumentsServer;
beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "vikhr-api-")));
  server = await startDocumentsServer(join(root, "data"));
});
afterAll(async () => {
  await server.kill();
  rmSync(root, { recursive: true, force: true });
});

const uploads = () => join(root, "data/collections/default/uploads");
/** Whatever it is: the tests find out. */
const jsonOf = async (response: Response) => JSON.parse(await response.text());
const get = async (path: string) => jsonOf(await fetch(`${server.url}${path}`));
const post = async (path: string, body: object) =>
  jsonOf(
    await fetch(`${server.url}${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    }),
  );
const upload = async (files: Record<string, string | Uint8Array<ArrayBuffer>>) => {
  const body = new FormData();
  for (const [name, content] of Object.entries(files)) body.append("file", new Blob([content]), name);
  return jsonOf(await fetch(`${server.url}/v1/documents`, { method: "POST", body }));
};
const found = async (query: string) =>
  (await post("/v1/documents/search", { query })).data.map(({ source }: { source: string }) =>
    source.slice(root.length + 1),
  );

function docx(text: string): Uint8Array<ArrayBuffer> {
  const xml = '<?xml version="1.0" encoding="UTF-8"?>';
  const rels = "http://schemas.openxmlformats.org/package/2006/relationships";
  return zipSync({
    "[Content_Types].xml": strToU8(
      `${xml}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`,
    ),
    "_rels/.rels": strToU8(
      `${xml}<Relationships xmlns="${rels}"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
    ),
    "word/document.xml": strToU8(
      `${xml}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>${text}</w:t></w:r></w:p></w:body></w:document>`,
    ),
  }) as Uint8Array<ArrayBuffer>;
}

test("PDF and DOCX are read, served as they are, and what only says that it is one is not kept", async () => {
  const files = {
    "report.pdf": tinyPdf(["Glaciers melt"]),
    "договор.docx": docx("Аренда на год"),
    "fake.pdf": "no PDF",
    "b.pdf": docx("x"),
  };
  const { failed, ...counts } = await upload(files);
  expect(counts).toEqual({ added: 2, replaced: 0, removed: 0, unchanged: 0, chunks: 2 });
  expect(failed.map(({ path }: { path: string }) => path)).toEqual(["b.pdf", "fake.pdf"]);
  expect(readdirSync(uploads())).toEqual(["report.pdf", "договор.docx"]);
  expect(await found("аренды")).toEqual(["data/collections/default/uploads/договор.docx"]);

  const [{ document: id, page }] = (await post("/v1/documents/search", { query: "melting glacier" })).data;
  expect(page).toBe(1);
  const read = await get(`/v1/documents/${id}`);
  expect(read).toMatchObject({ title: "report", page_starts: [0], changed: false });
  expect(read.text).toContain("Glaciers melt");
  const file = await fetch(`${server.url}/v1/documents/${id}/file`);
  expect(file.headers.get("content-type")).toBe("application/pdf");
  expect(await file.text()).toBe(files["report.pdf"]);
  const part = await fetch(`${server.url}/v1/documents/${id}/file`, { headers: { range: "bytes=0-3" } });
  expect([part.status, await part.text()]).toEqual([206, "%PDF"]);
});

test("what vikhr add writes while the server runs is found, and a model's vectors made anew are no trouble", async () => {
  writeFileSync(join(root, "sea.md"), "The harbour freezes in January.");
  await found("harbour");
  const env = { VIKHR_DATA: join(root, "data") };
  expect((await runCli(["add", "sea.md"], { folder: root, env })).code).toBe(0);
  expect(await found("harbour")).toEqual(["sea.md"]);
  expect((await runCli(["remove", "sea.md"], { folder: root, env })).code).toBe(0);
  expect(await found("harbour")).toEqual([]);
  expect((await runCli(["remove", "--all"], { folder: root, env })).code).toBe(0);
  expect(await post("/v1/documents/search", { query: "harbour" })).toMatchObject({
    error: { type: "invalid_request_error" },
  });
  expect((await runCli(["add", "sea.md"], { folder: root, env })).code).toBe(0);
  expect(await found("harbour")).toEqual(["sea.md"]);
});

test("many at once: uploads all arrive, searches find meanwhile, reads and deletions do not disturb", async () => {
  await upload({ "first.md": "Первый ледник." });
  const names = Array.from({ length: 6 }, (_, i) => `many-${i}.md`);
  let running = true;
  const searching = (async () => {
    let count = 0;
    for (; running; count++)
      expect(await found("первый")).toContain("data/collections/default/uploads/first.md");
    return count;
  })();
  const results = await Promise.all(names.map((name) => upload({ [name]: `Ледник ${name}.` })));
  running = false;
  expect(await searching).toBeGreaterThan(0);
  for (const result of results) expect(result).toMatchObject({ added: 1, failed: [] });
  expect(readdirSync(uploads())).toEqual(expect.arrayContaining(names));
});

test("a client that goes away in the middle of an upload leaves nothing; after it, the reading goes on", async () => {
  const { port } = new URL(server.url);
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="gone.md"\r\n\r\nПолдокумента';
  const head = (length: number) =>
    `POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: ${length}\r\n\r\n`;
  const send = (text: string) =>
    new Promise<void>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1", () =>
        socket.write(text, () => setTimeout(() => resolve(void socket.destroy()), 50)),
      );
    });
  await send(head(1_000_000) + part);
  const aside = join(root, "data/collections/.incoming");
  await expect.poll(() => readdirSync(aside)).toEqual([]);
  expect(readdirSync(uploads())).not.toContain("gone.md");
  const whole = `${part}.\r\n--b--`;
  await send(head(Buffer.byteLength(whole)) + whole);
  await expect.poll(() => found("полдокумента")).toEqual(["data/collections/default/uploads/gone.md"]);
  expect(readFileSync(join(uploads(), "gone.md"), "utf8")).toBe("Полдокумента.");
});

test("a body of 200 MB is written down without being held in memory", async () => {
  const before = server.memory();
  const piece = Buffer.alloc(1024 * 1024, "x");
  const body = (async function* () {
    yield '--b\r\nContent-Disposition: form-data; name="file"; filename="large.pdf"\r\n\r\n';
    for (let i = 0; i < 200; i++) yield piece;
    yield '\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="../last.md"\r\n\r\nТекст.\r\n--b--';
  })();
  const request = {
    method: "POST",
    body,
    duplex: "half",
    headers: { "content-type": "multipart/form-data; boundary=b" },
  };
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, server.memory());
  }, 10);
  const answer = await jsonOf(await fetch(`${server.url}/v1/documents`, request as unknown as RequestInit));
  clearInterval(watch);
  expect(answer.error.message).toContain("is no name for a file");
  expect(readdirSync(join(root, "data/collections/.incoming"))).toEqual([]);
  expect(peak - before).toBeLessThan(100_000_000);
});
