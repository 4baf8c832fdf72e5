import { expect, test } from "vitest";
import { InputError } from "../../errors.ts";
import { checkCharsmap } from "./charsmap.ts";

const LETTER = "A".charCodeAt(0);
const LEAF = 256 ^ LETTER;
const VALUE = 257;

/** `A` becomes `a`: the root's children lie from 256 on, and the leaf's value at 257. */
function charsmap(changes: Record<number, number> = {}, replacements = "a\0", units = 512): number[] {
  const array = new Uint32Array(units);
  array[0] = 256 << 10;
  array[LEAF] = ((LEAF ^ VALUE) << 10) | (1 << 8) | LETTER;
  array[VALUE] = 2 ** 31;
  for (const [place, unit] of Object.entries(changes)) array[Number(place)] = unit;
  const length = Buffer.from(Uint32Array.of(array.byteLength).buffer);
  return [...length, ...Buffer.from(array.buffer), ...Buffer.from(replacements)];
}

function check(bytes: readonly number[] | undefined, type: "u8" | "i8" = "u8") {
  const value = type === "u8" ? Uint8Array.from(bytes ?? []) : Int8Array.from(bytes ?? []);
  const key = "tokenizer.ggml.precompiled_charsmap";
  const metadata = new Map(bytes ? [[key, { type: "array", of: type, value } as const]] : []);
  return () => checkCharsmap({ path: "x.gguf", metadata }, (what) => new InputError(what));
}

test("a sound table, of bytes with a sign or without, and none at all", () => {
  for (const type of ["u8", "i8"] as const) expect(check(charsmap(), type)).not.toThrow();
  expect(check(undefined)).not.toThrow();
  // No units, no steps.
  expect(check([0, 0, 0, 0, 0])).not.toThrow();
});

test.each([
  ["nothing", []],
  ["a length alone", [4, 0, 0, 0]],
  ["a length beyond the end", [255, 255, 255, 255, 0]],
  ["a root that leads out", charsmap({ 0: 512 << 10 })],
  ["a table that ends in the middle of a node", charsmap({}, "a\0", 300)],
  ["a leaf without a value", charsmap({ [LEAF]: (1 << 30) | (1 << 8) | LETTER })],
  ["a replacement that lies outside", charsmap({ [VALUE]: 2 ** 31 + 2 })],
  ["a replacement without an end", charsmap({}, "a")],
])("%s is refused", (_, bytes) => {
  expect(check(bytes)).toThrow(/precompiled_charsmap\) is damaged/);
});

test("a node that leads back to itself ends the check, too", () => {
  // With a letter more the same state again.
  expect(check(charsmap({ [LEAF]: ((LEAF ^ 256) << 10) | LETTER }))).not.toThrow();
});
