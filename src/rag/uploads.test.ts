import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConflictError, InputError } from "../errors.ts";
import { textFile, Uploads } from "./uploads.ts";

let root: string;
let aside: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "vikhr-uploads-"));
  aside = join(root, "aside");
  folder = join(root, "uploads");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("what comes appears whole, takes the place of its name, and leaves nothing aside", async () => {
  for (const [name, content] of [
    ["a.md", "one"],
    ["б.txt", "two"],
    ["a.md", "three"],
  ] as const) {
    const uploads = new Uploads(aside);
    await uploads.add(name, content);
    expect(await uploads.moveInto(folder)).toEqual([join(folder, name)]);
    expect(readFileSync(join(folder, name), "utf8")).toBe(content);
    await uploads.discard();
  }
  expect(readdirSync(folder).sort()).toEqual(["a.md", "б.txt"]);
  expect(readdirSync(aside)).toEqual([]);
});

test("what breaks off, or is not wanted after all, leaves nothing", async () => {
  const uploads = new Uploads(aside);
  await uploads.add("a.md", "one");
  const broken = (async function* () {
    yield Buffer.from("half");
    throw new Error("gone");
  })();
  await expect(uploads.add("b.md", broken)).rejects.toThrow("gone");
  await uploads.discard();
  expect(readdirSync(aside)).toEqual([]);
  expect(await uploads.moveInto(folder)).toEqual([]);
});

test("names that are one on some systems are refused: within a request, and beside what is there", async () => {
  const uploads = new Uploads(aside);
  await uploads.add("Й.md", "one");
  for (const name of ["Й.md", "й.md", "И\u0306.md"])
    await expect(uploads.add(name, "two")).rejects.toThrow(InputError);
  await uploads.add("z.md", "z");
  mkdirSync(folder);
  writeFileSync(join(folder, "й.md"), "zero");
  await expect(uploads.moveInto(folder)).rejects.toThrow(ConflictError);
  expect(readdirSync(folder)).toEqual(["й.md"]);
  expect(readFileSync(join(folder, "й.md"), "utf8")).toBe("zero");
});

test("files of other kinds are named and not kept", async () => {
  const uploads = new Uploads(aside);
  for (const name of ["photo.jpg", "README", "run.exe"]) await uploads.add(name, "x");
  expect(uploads.refused.map(({ path }) => path)).toEqual(["photo.jpg", "README", "run.exe"]);
  expect(uploads.count).toBe(3);
  expect(await uploads.moveInto(folder)).toEqual([]);
});

test("what killed processes left is taken away after a day, and what others write is not", async () => {
  mkdirSync(aside);
  writeFileSync(join(aside, "old"), "");
  utimesSync(join(aside, "old"), 1, 1);
  writeFileSync(join(aside, "new"), "");
  const uploads = new Uploads(aside);
  await uploads.add("a.md", "x");
  await uploads.discard();
  expect(readdirSync(aside)).toEqual(["new"]);
});

test("a text becomes a file that its name or title calls", () => {
  const content = "text";
  expect(textFile({ name: "a.html", content })).toEqual({ name: "a.html", content });
  expect(textFile({ name: "a", content })).toEqual({ name: "a.md", content });
  expect(textFile({ title: "Отчёт: 2024/25\n", content })).toEqual({ name: "Отчёт 2024 25.md", content });
  expect(textFile({ title: "...", content }).name).toBe("text.md");
  expect(textFile({ title: "я".repeat(1000), content }).name).toBe(`${"я".repeat(100)}.md`);
  expect(textFile({ title: "A\nb", name: "a.md", content }).content).toBe("# A b\n\ntext");
  expect(textFile({ content }).name).toMatch(/^text-[0-9a-f]{12}\.md$/);
  expect(textFile({ content }).name).not.toBe(textFile({ content: "other" }).name);
});
