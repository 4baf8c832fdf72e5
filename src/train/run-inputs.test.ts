import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { fingerprintOf, hashFiles } from "./run-inputs.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-inputs-"));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, content: string) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

test("SHA-256 of every file, by its path", async () => {
  const empty = write("empty", "");
  expect(await hashFiles([empty])).toEqual({
    [empty]: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  });
});

test("a file that is not there is named", async () => {
  const missing = join(folder, "missing.jsonl");
  await expect(hashFiles([missing])).rejects.toThrow(InputError);
  await expect(hashFiles([missing])).rejects.toThrow(missing);
});

test("runs are told apart by settings and contents, not by paths", async () => {
  const one = await hashFiles([write("a", "1"), write("b", "2")]);
  const moved = await hashFiles([write("c", "1"), write("d", "2")]);
  const other = await hashFiles([write("e", "1"), write("f", "3")]);
  const print = (inputs: Record<string, string>, rate = 1) => fingerprintOf({ rate }, Object.values(inputs));
  expect(print(moved)).toBe(print(one));
  expect(print(other)).not.toBe(print(one));
  expect(print(one, 2)).not.toBe(print(one));
  expect(fingerprintOf({}, ["1", "2", "2"])).not.toBe(fingerprintOf({}, ["1", "2"]));
});
