import { describe, expect, test } from "vitest";
import { backgroundIdf } from "./background-idf.ts";
import { stem } from "./terms.ts";

describe("backgroundIdf", () => {
  test("common words tell little, rare ones much, in both languages", () => {
    for (const ladder of [
      ["и", "город", "ледник"],
      ["the", "city", "glacier"],
    ]) {
      const idf = ladder.map((word) => backgroundIdf(stem(word)));
      expect(idf).toEqual([...idf].sort((a, b) => a - b));
      expect(idf[0]).toBeLessThan(1);
      expect(idf[2]).toBeGreaterThan(4.5);
    }
  });

  test("an unknown stem is the rarest, and finite", () => {
    for (const unknown of ["ъъъ", "qqqzz", "", "12345"]) {
      expect(backgroundIdf(unknown)).toBeGreaterThanOrEqual(backgroundIdf(stem("ледник")));
      expect(backgroundIdf(unknown)).toBeLessThan(12);
    }
  });
});
