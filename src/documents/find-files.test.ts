import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { asNobody } from "../testing/as-nobody.ts";
import { findFiles } from "./find-files.ts";

/** Two letters of an old archive. */
const CP1251 = Buffer.from([0xcf, 0xff]);

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

const short = (path: string) => path.slice(root.length + 1);
const found = async (path: string) => (await findFiles(path)).files.map((file) => short(file.path));
const faults = async (path: string) =>
  (await findFiles(path)).faults.map((fault) => `${short(fault.path)}: ${fault.reason}`);

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

test("what has a document's name and cannot be opened is named, in a folder and by a pattern", async () => {
  mkdirSync(join(root, "odd/deep"), { recursive: true });
  const pipe = join(root, "odd/pipe.md");
  execFileSync("mkfifo", [pipe, join(root, "odd/pipe")]);
  symlinkSync("nowhere", join(root, "odd/dead.txt"));
  symlinkSync("nowhere", join(root, "odd/dead"));
  symlinkSync("self.md", join(root, "odd/deep/self.md"));
  writeFileSync(Buffer.concat([Buffer.from(`${root}/odd/`), CP1251, Buffer.from(".md")]), "x");
  const named = [
    "odd/dead.txt: it is a link to what is not there",
    "odd/deep/self.md: it is a link that leads in a circle",
    "odd/pipe.md: it is no file",
    "odd/\uFFFD\uFFFD.md: its name is not in UTF-8: rename it",
  ];
  expect(await faults(join(root, "odd"))).toEqual(named);
  expect(await faults(join(root, "odd/**/*"))).toEqual(named);
  expect(await faults(join(root, "odd/*.md"))).toEqual([named[2], named[3]]);
});

test("folders that cannot be looked into are named, in a folder and by a pattern", async () => {
  for (const folder of ["shut/closed", "shut/locked", "shut/open"])
    mkdirSync(join(root, folder), { recursive: true });
  for (const file of ["shut/closed/a.md", "shut/locked/b.md", "shut/open/c.md"])
    writeFileSync(join(root, file), "x");
  symlinkSync("../closed/a.md", join(root, "shut/open/link.md"));
  symlinkSync("../locked", join(root, "shut/open/folder"));
  chmodSync(root, 0o755);
  const named = (name: string, call: string) =>
    `shut/${name}: this folder cannot be looked into, and its documents stay: EACCES: ${call}`;
  // What can be listed and not entered is no less closed.
  chmodSync(join(root, "shut/closed"), 0o000);
  chmodSync(join(root, "shut/locked"), 0o444);
  const expected = [named("closed", "permission denied"), named("locked", "permission denied")];
  expect(await asNobody(() => faults(join(root, "shut")))).toEqual(expected);
  expect(await asNobody(() => found(join(root, "shut")))).toEqual(["shut/open/c.md"]);
  expect(await asNobody(() => faults(`${root}/shut/**/*.md`))).toEqual(expected);
  expect(await asNobody(() => faults(join(root, "shut/closed")))).toEqual(expected.slice(0, 1));
  await expect(asNobody(() => findFiles(join(root, "shut/closed/a.md")))).rejects.toThrow("permission");
  for (const name of ["closed", "locked"]) chmodSync(join(root, "shut", name), 0o755);
});

test("links that lead to each other in every way end soon", async () => {
  const names = Array.from({ length: 12 }, (_, i) => `web/${i}`);
  for (const name of names) {
    mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, name, "page.md"), "x");
    for (const other of names) symlinkSync(join(root, other), join(root, name, other.slice(4)));
  }
  expect(await found(join(root, "web"))).toHaveLength(12);
});

test("a pattern is taken from the folder above its wildcards, whatever that is called", async () => {
  mkdirSync(join(root, "b[1]/(x)"), { recursive: true });
  writeFileSync(join(root, "b[1]/(x)/!seven.md"), "x");
  writeFileSync(join(root, "b[1]/(x)/eight.exe"), "x");
  expect(await found(`${root}/b\\[1\\]/**/*.md`)).toEqual(["b[1]/(x)/!seven.md"]);
  expect(await found(`${root}/b\\[1\\]/\\(x\\)/!s*`)).toEqual(["b[1]/(x)/!seven.md"]);
  await expect(findFiles(`${root}/away/*.md`)).rejects.toThrow(/away: there is no such file/);
  await expect(findFiles(join(root, "b[2]"), { kind: "folder" })).rejects.toThrow("no such file");
});

test("what is of kinds that are not read is passed over", async () => {
  expect((await findFiles(join(root, "a/b"))).passedOver.map(short)).toContain("a/b/two.exe");
  expect((await findFiles(`${root}/b\\[1\\]/*/*`)).passedOver.map(short)).toEqual(["b[1]/(x)/eight.exe"]);
});

test("what is not there, or no file, is an error that names it", async () => {
  await expect(findFiles(join(root, "none"))).rejects.toThrow(/none: there is no such file/);
  await expect(findFiles("/dev/null")).rejects.toThrow("/dev/null is neither a file nor a folder");
});
