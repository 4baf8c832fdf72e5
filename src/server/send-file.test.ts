import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NotFoundError } from "../errors.ts";
import { RequestError } from "./openai-error.ts";
import { sendFile } from "./send-file.ts";

const CONTENT = "0123456789";
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "vikhr-send-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function get(name: string, headers: Record<string, string> = {}, content = CONTENT): Promise<Response> {
  writeFileSync(join(root, name), content);
  return sendFile(new Request("http://localhost/", { headers }), join(root, name));
}

test("nothing that a browser would run has a type that it runs", async () => {
  for (const name of ["a.html", "a.SVG", "a.xhtml", "a.xml", "a.js", "a.md", "a", "a.mhtml"]) {
    const { headers } = await get(name);
    expect(headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  }
  expect((await get("a.PDF")).headers.get("content-type")).toBe("application/pdf");
  expect((await get("a.docx")).headers.get("content-disposition")).toMatch(/^attachment;/);
});

test("any name is told in a header that is one line of ASCII", async () => {
  const name = 'Отчёт "1"; %41 (2).md';
  const { headers } = await get(name);
  const disposition = headers.get("content-disposition")!;
  expect(disposition).toMatch(/^inline; filename="[\w .()-]*"; filename\*=UTF-8''[\w%.-]*$/);
  expect(decodeURIComponent(disposition.split("''")[1]!)).toBe(name);
});

test("ranges are those of the file, and what is no range is all of it", async () => {
  const bound = fc.integer({ min: 0, max: 12 });
  const range = fc.oneof(
    fc.tuple(bound, bound).map(([a, b]) => `bytes=${a}-${b}`),
    bound.map((a) => `bytes=${a}-`),
    bound.map((a) => `bytes=-${a}`),
    fc.constantFrom("bytes=-", "bytes=0-1,3-4", "bytes=a-b", "lines=1-2", "bytes=-99999999999999999999"),
  );
  await fc.assert(
    fc.asyncProperty(range, async (header) => {
      const response = await get("a.txt", { range: header }).catch((error: Error) => error);
      const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? [];
      if (response instanceof Error) {
        expect(response).toBeInstanceOf(RequestError);
        expect(response).toMatchObject({ status: 416 });
        expect(
          first === "" ? Number(last) === 0 : Number(first) >= 10 || Number(last || "9") < Number(first),
        ).toBe(true);
        return;
      }
      const text = await response.text();
      expect(response.headers.get("content-length")).toBe(`${text.length}`);
      if (response.status === 200) {
        expect(text).toBe(CONTENT);
        return;
      }
      expect(response.status).toBe(206);
      const expected =
        first === ""
          ? CONTENT.slice(-Number(last))
          : CONTENT.slice(Number(first), last === "" ? undefined : Number(last) + 1);
      expect(text).toBe(expected);
      const start = CONTENT.indexOf(text);
      expect(response.headers.get("content-range")).toBe(`bytes ${start}-${start + text.length - 1}/10`);
    }),
  );
});

test("an empty file, one that is asked for by its head, and one that is gone", async () => {
  const empty = await get("e.txt", {}, "");
  expect([empty.headers.get("content-length"), await empty.text()]).toEqual(["0", ""]);
  const head = await sendFile(new Request("http://localhost/", { method: "HEAD" }), join(root, "a.txt"));
  expect([head.headers.get("content-length"), head.body]).toEqual(["10", null]);
  await expect(sendFile(new Request("http://localhost/"), join(root, "gone.md"))).rejects.toThrow(
    NotFoundError,
  );
});
