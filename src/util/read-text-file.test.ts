/** Reading text: bounds, cuts, and what is said when it does not work. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { readTextFile } from "./read-text-file.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-read-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "text");

test("text comes as it is, without a byte order mark", () => {
  writeFileSync(path, "\ufeffЁж\r\n😀");
  expect(readTextFile(path, { maxBytes: 100 })).toBe("Ёж\r\n😀");
});

test("a cut falls between characters", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 12 }),
      fc.integer({ min: 1, max: 20 }),
      (text, max) => {
        writeFileSync(path, `a${text}`);
        const read = readTextFile(path, { maxBytes: max, cut: true });
        const bytes = Buffer.byteLength(read);
        return (
          `a${text}`.startsWith(read) &&
          bytes <= max &&
          bytes > Math.min(max, Buffer.byteLength(`a${text}`)) - 4
        );
      },
    ),
    { numRuns: 200 },
  );
});

test.each<[string, () => void, RegExp]>([
  ["too large", () => writeFileSync(path, "x".repeat(11)), /larger than 10 bytes/],
  ["no text", () => writeFileSync(path, Buffer.from([0xff, 0xfe, 0x41])), /not UTF-8/],
  ["missing", () => rmSync(path), /cannot read .*text: there is no such file/],
])("%s", (_name, prepare, says) => {
  prepare();
  expect(() => readTextFile(path, { maxBytes: 10 })).toThrow(says);
});

test("endless files are bounded, optional ones may be missing", () => {
  expect(() => readTextFile("/dev/zero", { maxBytes: 5000 })).toThrow(/larger than 5000/);
  expect(readTextFile(join(folder, "none"), { maxBytes: 1, optional: true })).toBeUndefined();
});
