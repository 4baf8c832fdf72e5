import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findFiles } from "./find-files.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "vikhr-find-")));
afterAll(() => rmSync(root, { recursive: true }));

for (const folder of ["a/b", "a/node_modules/x", "a/.git", "c"])
  mkdirSync(join(root, folder), { recursive: true });
for (const file of [
  "a/b/one.md",
  "a/b/two.exe",
  "a/node_modules/x/three.md",
  "a/.git/four.md",
  "a/Пять.TXT",
  "c/six.html",
])
  writeFileSync(join(root, file), "x");
symlinkSync("../..", join(root, "a/b/circle"));
symlinkSync("nowhere", join(root, "a/dead.md"));
symlinkSync("b/one.md", join(root, "a/again.md"));
symlinkSync("self.md", join(root, "a/self.md"));

const found = async (path: string) => (await findFiles(path)).map((file) => file.slice(root.length + 1));

test("a folder means what can be read below it, each file once", async () => {
  expect(await found(root)).toEqual(["a/b/one.md", "a/Пять.TXT", "c/six.html"]);
});

test("a file means itself, whatever its name; a link what it leads to", async () => {
  expect(await found(join(root, "a/b/two.exe"))).toEqual(["a/b/two.exe"]);
  expect(await found(join(root, "a/again.md"))).toEqual(["a/b/one.md"]);
});

test("a pattern means its matches, perhaps none", async () => {
  expect(await found(`${root}/c/**/*.html`)).toEqual(["c/six.html"]);
  expect(await found(`${root}/*.md`)).toEqual([]);
});

test("what is not there, or no file, is an error that names it", async () => {
  await expect(findFiles(join(root, "none"))).rejects.toThrow(/none: there is no such file/);
  await expect(findFiles("/dev/null")).rejects.toThrow("/dev/null is neither a file nor a folder");
});
