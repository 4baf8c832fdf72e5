import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { readYamlFile } from "./read-yaml-file.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-yaml-"));
afterAll(() => rmSync(folder, { recursive: true }));

const path = join(folder, "a.yaml");
const read = (text: string) => {
  writeFileSync(path, text);
  return readYamlFile(path, { maxBytes: 100 });
};

test("a value, or nothing", () => {
  expect(read("a: [1, x]\n")).toEqual({ a: [1, "x"] });
  expect(read("")).toBeUndefined();
  expect(readYamlFile(join(folder, "none.yaml"), { maxBytes: 100, optional: true })).toBeUndefined();
});

test("one line for what is not YAML, too large, or not there", () => {
  expect(() => read("a: [")).toThrow(/^[^\n]*a\.yaml is not YAML: [^\n]*$/);
  expect(() => read("a: [")).toThrow(InputError);
  expect(() => read("#".repeat(101))).toThrow("larger than");
  expect(() => readYamlFile(join(folder, "none.yaml"), { maxBytes: 100 })).toThrow("no such file");
});
