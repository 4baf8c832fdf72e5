import fc from "fast-check";
import { expect, test } from "vitest";
import { excerpt } from "./excerpt.ts";

test("begins at the beginning, or near what was found where that is far from it", () => {
  const text = `${"Стороны договорились о сроках поставки, ".repeat(12)}а неустойка составляет пять процентов.`;
  expect(excerpt(text, "договорились", 100)).toMatch(/^Стороны договорились/);
  const far = excerpt(text, "неустойка", 100);
  expect(far).toMatch(/^…\S/);
  expect(far).toContain("неустойка составляет пять процентов.");
  expect(excerpt(text, undefined, 100)).toMatch(/^Стороны/);
  expect(excerpt(text, "чего там нет", 100)).toMatch(/^Стороны/);
});

test("is one line that is short enough and has the match, for any text", () => {
  const word = fc.string({ unit: fc.constantFrom(..."абв \n"), maxLength: 400 });
  fc.assert(
    fc.property(word, word, (before, behind) => {
      const shown = excerpt(`${before}печь${behind}`, "печь", 60);
      expect(shown).toContain("печь");
      expect(shown).not.toContain("\n");
      expect(shown.length).toBeLessThanOrEqual(60);
    }),
  );
});
