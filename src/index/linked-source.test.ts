import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findFiles } from "../documents/find-files.ts";
import { InputError } from "../errors.ts";
import { assertMatching, linkedSource } from "./linked-source.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "vikhr-linked-")));
const before = process.cwd();
beforeAll(() => {
  mkdirSync(join(root, "b[1]"));
  writeFileSync(join(root, "b[1]/a.md"), "x");
  writeFileSync(join(root, "b[1]/b.doc"), "x");
  process.chdir(join(root, "b[1]"));
});
afterAll(() => {
  process.chdir(before);
  rmSync(root, { recursive: true });
});

test("a pattern is made absolute by a folder of any name, and stays linked from elsewhere", async () => {
  const source = linkedSource("*.md");
  expect(source.kind).toBe("pattern");
  await assertMatching(source);
  process.chdir(root);
  const { files } = await findFiles(source.location, { kind: "pattern" });
  expect(files.map(({ path }) => path)).toEqual([join(root, "b[1]/a.md")]);
  process.chdir(join(root, "b[1]"));
});

test("files and folders are linked as what they are", () => {
  expect(linkedSource("a.md")).toEqual({ location: join(root, "b[1]/a.md"), kind: "file" });
  expect(linkedSource("../b[1]")).toEqual({ location: join(root, "b[1]"), kind: "folder" });
});

test("a pattern that matches nothing that is read is an error", async () => {
  await expect(assertMatching(linkedSource("*.txt"))).rejects.toThrow("*.txt matches no file: check");
  await expect(assertMatching(linkedSource("*.doc"))).rejects.toThrow("matches only files of kinds");
  await expect(assertMatching(linkedSource("none/*.doc"))).rejects.toThrow(InputError);
});

test("addresses are linked as they are given", () => {
  for (const location of ["https://example.org", "HTTP://example.org/a b?c#d", "http://[::1]:8080/"])
    expect(linkedSource(location)).toEqual({ location, kind: "address" });
});

test.each([
  ["http://", "cannot read http://: it is no address: check it"],
  ["http://host:port/", "host:port/: it is no address"],
  ["https://", "https://: it is no address"],
  ["http://anna:secret@example.org/x", "http://...@example.org/x: addresses with a name or password"],
  ["http://anna@example.org/", "with a name or password"],
  ["http://anna:se/cret@exa mple.org", "cannot read http://...@exa mple.org: it is no address"],
  ["ftp://example.org/a", "ftp://example.org/a: only http:// and https:// addresses are read"],
  ["file:///etc/passwd", "only http:// and https://"],
  ["ftp://anna:secret@example.org/*", "ftp://...@example.org/*: only"],
  ["nowhere", "cannot read nowhere: there is no such file"],
])("%s is refused in one line", (given, said) => {
  expect(() => linkedSource(given)).toThrow(InputError);
  expect(() => linkedSource(given)).toThrow(said);
  expect(() => linkedSource(given)).not.toThrow("secret");
});
