import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stemSimilarity } from "./stem-similarity.ts";

const typos = { typos: true };
const exact = { typos: false };

describe("stemSimilarity", () => {
  test("one family of words is nearly one word", () => {
    expect(stemSimilarity("правительств", "правител", exact)).toBeGreaterThan(0.6);
    expect(stemSimilarity("electr", "electron", exact)).toBeGreaterThan(0.7);
    expect(stemSimilarity("стол", "стул", exact)).toBe(0);
  });

  test("swapped, lost and wrong letters, only where asked for and only in long words", () => {
    expect(stemSimilarity("глоабльн", "глобальн", typos)).toBeGreaterThan(0.7);
    expect(stemSimilarity("потепленеи", "потеплени", typos)).toBeGreaterThan(0.7);
    expect(stemSimilarity("temprature", "temperature", typos)).toBeGreaterThan(0.7);
    expect(stemSimilarity("глоабльн", "глобальн", exact)).toBe(0);
    expect(stemSimilarity("кот", "кит", typos)).toBe(0);
    expect(stemSimilarity("ghandi", "gandhi", typos)).toBeGreaterThan(0.7);
    expect(stemSimilarity("ghandi", "gandhh", typos)).toBe(0);
  });

  test("numbers are the same or not", () => {
    expect(stemSimilarity("1812", "1813", typos)).toBe(0);
    expect(stemSimilarity("1812", "1812", typos)).toBe(1);
  });

  test("symmetric, in [0, 1], and 1 only for the same", () => {
    const stem = fc.string({ unit: fc.constantFrom(..."абвгд1"), minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(stem, stem, fc.boolean(), (a, b, allowed) => {
        const similarity = stemSimilarity(a, b, { typos: allowed });
        expect(similarity).toBe(stemSimilarity(b, a, { typos: allowed }));
        expect(similarity >= 0 && similarity <= 1).toBe(true);
        expect(similarity === 1).toBe(a === b);
      }),
    );
  });
});
