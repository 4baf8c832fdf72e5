import { basename, join, resolve } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { uploadName } from "./upload-name.ts";

test("a name that is kept stays in its folder, is seen, and fits a file system", () => {
  const piece = fc.oneof(
    fc.string({ unit: "binary", maxLength: 6 }),
    fc.constantFrom(
      "..",
      ".",
      "/",
      "\\",
      "\0",
      "\n",
      "CON",
      "nul.md",
      "%2e%2e",
      "\u202e",
      " ",
      "й",
      "и\u0306",
      "\ud800",
    ),
    fc.string({ unit: "grapheme", maxLength: 300 }),
  );
  const names = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(names, (given) => {
      let name: string;
      try {
        name = uploadName(given);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        expect((error as Error).message).not.toMatch(/\p{C}/u);
        return;
      }
      expect(resolve("/uploads", name)).toBe(join("/uploads", basename(name)));
      expect(name).toBe(given.normalize("NFC"));
      expect(name).not.toMatch(/^[. ]|[\p{Cc}\p{Cs}\u202a-\u202e]|[. ]$/u);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ...[
    "",
    ".",
    "..",
    "../a.md",
    "a/b.md",
    "a\\b.md",
    "C:\\a.md",
    "a\0.md",
    "a\n.md",
    ".hidden.md",
    "a.md.",
    "a.md ",
  ],
  ...[
    " a.md",
    "con",
    "CON.md",
    "Nul.tar.md",
    "lpt1.pdf",
    "com¹.md",
    `${"я".repeat(127)}.md`,
    "\ud800.md",
    "a\u202egpj.md",
  ],
])("%j is none", (name) => {
  expect(() => uploadName(name)).toThrow(InputError);
});

test.each([
  "a.md",
  "Отчёт за 2024 год.pdf",
  "console.md",
  "a..b.md",
  "👨‍👩‍👧.txt",
  `${"я".repeat(126)}.md`,
  "com10.md",
])("%j is one", (name) => {
  expect(uploadName(name.normalize("NFD"))).toBe(name.normalize("NFC"));
});
