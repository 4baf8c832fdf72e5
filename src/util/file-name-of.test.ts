import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { fileNameOf, nameOfFile } from "./file-name-of.ts";

test("usual names stay as they are", () => {
  expect(fileNameOf("gpt-3.5-turbo-0125")).toBe("gpt-3.5-turbo-0125");
  expect(fileNameOf("Vikhrmodels/Vikhr-Nemo-12B")).toBe("Vikhrmodels%2FVikhr-Nemo-12B");
});

test("whatever the name: one plain file, another one for every name", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }), (name) => {
      const file = fileNameOf(name);
      expect(file).toMatch(/^[\w%~-](?:[\w%.~-]*[\w%~-])?$/);
      expect(nameOfFile(file)).toBe(name);
    }),
    { examples: [[".."], ["../../etc/passwd"], ["a\0b"], ["C:\\x"], ["модель"], ["*"]] },
  );
});

test("a file that somebody else named keeps its name", () => {
  expect(nameOfFile("100% sure")).toBe("100% sure");
});

test("no name, or one that is too long, is refused", () => {
  for (const name of ["", "д".repeat(100)]) expect(() => fileNameOf(name)).toThrow(InputError);
});
