import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { webPage } from "./web-page.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-web-"));
const dist = join(folder, "dist");
const SECRET = "not for anybody";
const SCRIPT = "console.log('a script');\n".repeat(200);
beforeAll(() => {
  mkdirSync(join(dist, "assets"), { recursive: true });
  writeFileSync(join(folder, "secret.txt"), SECRET);
  writeFileSync(join(dist, "index.html"), "<title>the page</title>");
  writeFileSync(join(dist, "docs.html"), "<title>the docs</title>");
  writeFileSync(join(dist, "assets", "main-abc123.js"), SCRIPT);
});
afterAll(() => rmSync(folder, { recursive: true }));

test("the page, the one to read the API at, and hashed files, which are kept for ever", async () => {
  const page = webPage(dist);
  const index = await page.request("/");
  expect(await index.text()).toMatch("the page");
  expect(index.headers.get("content-type")).toMatch(/^text\/html/);
  expect(index.headers.get("cache-control")).toBe("no-cache");
  expect(await (await page.request("/docs")).text()).toMatch("the docs");
  const script = await page.request("/assets/main-abc123.js");
  expect(script.headers.get("content-type")).toMatch(/javascript/);
  expect(script.headers.get("cache-control")).toMatch(/immutable/);
  const missing = await page.request("/assets/main-old.js");
  expect(missing.status).toBe(404);
  expect(missing.headers.get("cache-control")).toBeNull();
});

test("text is compressed for those who take it", async () => {
  const path = "/assets/main-abc123.js";
  const zipped = await webPage(dist).request(path, { headers: { "accept-encoding": "gzip, br" } });
  expect(zipped.headers.get("content-encoding")).toBe("gzip");
  expect(gunzipSync(Buffer.from(await zipped.arrayBuffer())).toString()).toBe(SCRIPT);
  const plain = await webPage(dist).request(path);
  expect(plain.headers.get("content-encoding")).toBeNull();
  expect(await plain.text()).toBe(SCRIPT);
});

test("no path leads out of the folder", async () => {
  const page = webPage(dist);
  const part = fc.constantFrom(
    "..",
    "/",
    "%2e%2e",
    "%2f",
    "\\",
    "%5c",
    ".",
    "secret.txt",
    "assets",
    "%00",
    "%252e",
    "",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
      // As a socket would bring it: no URL parser has tidied it up.
      const request = new Request("http://localhost/");
      Object.defineProperty(request, "url", { value: `http://localhost/${parts.join("")}` });
      const response = await page.fetch(request);
      expect([200, 404]).toContain(response.status);
      expect(await response.text()).not.toMatch(SECRET);
    }),
    { numRuns: 300 },
  );
});

test("before it is built a page says how, in both languages", async () => {
  const response = await webPage(join(folder, "nowhere")).request("/");
  expect(response.status).toBe(200);
  expect(await response.text()).toMatch(/npm run build:web[\s\S]*Сервер работает/);
});
