import fc from "fast-check";
import { expect, test } from "vitest";
import { stem } from "../../index/terms.ts";
import { PREFIX_INITIALS, rootsOf } from "./russian-roots.ts";

const share = (a: string, b: string) => rootsOf(stem(a)).some((root) => rootsOf(stem(b)).includes(root));

test("words that differ by their prefixes share a root", () => {
  expect(share("пояснение", "объяснение")).toBe(true);
  expect(share("писать", "написать")).toBe(true);
  expect(share("подключить", "включить")).toBe(true);
  expect(share("публикация", "библиотека")).toBe(false);
  // Too little is left: -ход, -пись.
  expect(share("приход", "расход")).toBe(false);
});

test("words of other letters have none, nor have short ones", () => {
  for (const one of ["под", "unknown", "1812", "по2писать"]) expect(rootsOf(one)).toEqual([]);
});

test("the stem itself, then its ends behind a prefix; another beginning is another root or a prefix", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."бвзонпасу"), minLength: 4, maxLength: 12 }), (word) => {
      const [own, ...others] = rootsOf(word);
      expect(own).toBe(word);
      for (const root of others) {
        expect(word.endsWith(root)).toBe(true);
        expect(root.length).toBeGreaterThanOrEqual(4);
        expect(PREFIX_INITIALS).toContain(word.charCodeAt(0));
      }
    }),
  );
});
