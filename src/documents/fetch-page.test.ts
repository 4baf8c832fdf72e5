import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { fetchPage, isPrivateAddress } from "./fetch-page.ts";

const PAGE = "<p>Привет</p>";
const PACKED: Record<string, [contentEncoding: string, body: Buffer]> = {
  gzip: ["gzip", gzipSync(PAGE)],
  old: ["X-GZip", gzipSync(PAGE)],
  deflate: ["deflate", deflateSync(PAGE)],
  brotli: ["br", brotliCompressSync(PAGE)],
  twice: ["gzip, br", brotliCompressSync(gzipSync(PAGE))],
  plain: ["identity", Buffer.from(PAGE)],
  empty: ["gzip", Buffer.alloc(0)],
  bomb: ["gzip", gzipSync(Buffer.alloc(1_000_000))],
  "bomb-brotli": ["br", brotliCompressSync(Buffer.alloc(1_000_000))],
  cut: ["gzip", gzipSync(PAGE).subarray(0, -9)],
  lie: ["br", Buffer.from(PAGE)],
  unknown: ["constructor", Buffer.from(PAGE)],
};

let server: Server;
let base: string;
beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? "";
    if (path === "/page") response.setHeader("content-type", "text/html; charset=utf-8").end("<p>Привет</p>");
    else if (path === "/notes.md") response.setHeader("content-type", "text/plain").end("# Notes");
    else if (path === "/to-page") response.writeHead(302, { location: "/page" }).end();
    else if (path === "/to-file") response.writeHead(302, { location: "file:///etc/passwd" }).end();
    else if (path === "/circle") response.writeHead(301, { location: "/circle" }).end();
    else if (path.startsWith("/packed/")) {
      const [name, body] = PACKED[path.slice("/packed/".length)]!;
      response.writeHead(200, { "content-encoding": name, "content-type": "text/html" }).end(body);
    } else if (path === "/endless") {
      const timer = setInterval(() => response.write("x".repeat(10_000)), 1);
      response.on("close", () => clearInterval(timer));
    } else if (path === "/half") {
      // Neither a length nor chunks: the page ends where the connection does.
      response.useChunkedEncodingByDefault = false;
      response.writeHead(200, { "content-type": "text/plain" }).write("The first half.");
    } else if (path === "/reset") {
      response.useChunkedEncodingByDefault = false;
      response.writeHead(200, { "content-type": "text/plain" }).write("The first half.");
      setTimeout(() => request.socket.resetAndDestroy(), 50);
    } else if (path !== "/silent") response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const get = (path: string, more = {}) => fetchPage(`${base}${path}`, { allowPrivate: true, ...more });

test("a page, and what it is", async () => {
  expect(await get("/page")).toEqual({
    bytes: Buffer.from("<p>Привет</p>"),
    extension: ".html",
    charset: "utf-8",
  });
  expect(await get("/to-page")).toMatchObject({ extension: ".html" });
  expect(await get("/notes.md")).toMatchObject({ extension: ".md" });
});

test.each(["gzip", "old", "deflate", "brotli", "twice", "plain"])(
  "a page that comes packed: %s",
  async (name) => {
    expect((await get(`/packed/${name}`)).bytes.toString()).toBe(PAGE);
    expect((await get("/packed/empty")).bytes).toHaveLength(0);
  },
);

test.each([
  ["/packed/bomb", { maxBytes: 100_000 }, "more than 100000 bytes"],
  ["/packed/bomb-brotli", { maxBytes: 100_000 }, "more than 100000 bytes"],
  ["/packed/cut", {}, "it comes damaged"],
  ["/packed/lie", {}, "it comes damaged"],
  ["/packed/unknown", {}, 'the server packs it as "constructor"'],
  ["/nothing", {}, "HTTP 404"],
  ["/circle", {}, "redirected more than 5 times"],
  ["/to-file", {}, "only http:// and https://"],
  ["/endless", { maxBytes: 100_000 }, "more than 100000 bytes"],
  ["/silent", { timeout: 200 }, "within 0.2 seconds"],
  ["/half", { timeout: 200 }, "within 0.2 seconds"],
  ["/reset", {}, "it cannot be reached"],
])("%s is refused with its reason", async (path, more, reason) => {
  await expect(get(path, more)).rejects.toThrow(InputError);
  await expect(get(path, more)).rejects.toThrow(reason);
});

test("what is stopped halfway is no page", async () => {
  const stop = new AbortController();
  const page = get("/half", { signal: stop.signal });
  setTimeout(() => stop.abort(), 200);
  await expect(page).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
});

describe("private addresses", () => {
  test("are refused by number, by name, and in any spelling", async () => {
    const { port } = server.address() as AddressInfo;
    for (const host of [
      "127.0.0.1",
      "localhost",
      "2130706433",
      "0x7f.1",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "0.0.0.0",
    ])
      await expect(fetchPage(`http://${host}:${port}/page`), host).rejects.toThrow("private network");
  });

  test("are known", () => {
    for (const address of [
      "10.1.2.3",
      "172.31.0.1",
      "192.168.0.1",
      "169.254.169.254",
      "::1",
      "fe80::1",
      "fd00::1",
      "fec0::1",
      "feff::1",
      "64:ff9b::7f00:1",
      "64:ff9b:1::a00:1",
      "2001::1",
      "2001:0:4136:e378:8000:63bf:3fff:fdd2",
      "2002:7f00:1::",
      "::ffff:10.0.0.1",
      "no address",
    ])
      expect(isPrivateAddress(address), address).toBe(true);
    for (const address of ["8.8.8.8", "172.32.0.1", "2606:4700::1111", "2001:4860:4860::8888", "2001:1::1"])
      expect(isPrivateAddress(address)).toBe(false);
  });
});

test.each(["ftp://example.org/a", "file:///etc/passwd", "no address", "http://user:secret@example.org/"])(
  "%s is no address to read",
  async (address) => {
    await expect(fetchPage(address)).rejects.toThrow(InputError);
  },
);
