import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { latinSpellings, likelySpellings } from "./latin-spellings.ts";
import { stem, terms } from "./terms.ts";

const term = (word: string) => terms(word)[0]!;

describe("Latin spellings of words in Cyrillic letters", () => {
  test.each([
    ["докера", "docker"],
    ["кубернетес", "kubernetes"],
    ["постгресом", "postgres"],
    ["гугл", "google"],
    ["линукс", "linux"],
    ["убунту", "ubuntu"],
    ["коммит", "commit"],
    ["деплой", "deploy"],
    ["токен", "token"],
    ["терминал", "terminal"],
    ["браузер", "browser"],
    ["слайс", "slice"],
    ["трейтов", "trait"],
    ["Джава", "java"],
    ["ТЕСЛА", "tesla"],
  ])("%s: %s", (spelled, latin) => {
    expect(latinSpellings(term(spelled))!.has(latin)).toBe(true);
    expect(latinSpellings(term(spelled))!.initials).toContain(latin.charCodeAt(0));
    // Whoever looks for these in an index finds it.
    expect(likelySpellings(term(spelled), 24).map(stem)).toContain(stem(latin));
  });

  test.each([
    ["докер", "doctor"],
    ["трейт", "street"],
    ["сервер", "serve"],
    ["линукс", "line"],
  ])("%s is not %s", (spelled, other) => {
    expect(latinSpellings(term(spelled))!.has(other)).toBe(false);
  });

  test("short words have none, nor have those of other letters", () => {
    for (const word of ["код", "Docker", "1812", "i18nтест", "日本語の本"]) {
      expect(latinSpellings(term(word))).toBeUndefined();
      expect(likelySpellings(term(word), 24)).toEqual([]);
    }
  });

  test("each likely one is one, and begins as they do; the limit holds", () => {
    const word = fc.string({
      unit: fc.constantFrom(..."абвгдежзийклмнопрстуфхцчшщъыьэюя"),
      minLength: 4,
      maxLength: 12,
    });
    fc.assert(
      fc.property(word, fc.integer({ min: 1, max: 30 }), (one, limit) => {
        const { has, initials } = latinSpellings({ word: one, stem: one })!;
        const likely = likelySpellings({ word: one, stem: one }, limit);
        expect(likely.length).toBeLessThanOrEqual(limit);
        for (const spelling of likely) {
          expect(has(spelling)).toBe(true);
          if (spelling !== "" && !/^[ьъ]/.test(one)) expect(initials).toContain(spelling.charCodeAt(0));
        }
      }),
    );
  });

  test("words that are made to be ambiguous take no time", () => {
    const began = process.cpuUsage();
    for (const [cyrillic, latin] of [
      ["оу", "o"],
      ["л", "l"],
      ["и", "e"],
    ])
      expect(latinSpellings({ word: cyrillic!.repeat(32), stem: "" })!.has(`${latin!.repeat(50)}!`)).toBe(
        false,
      );
    expect(process.cpuUsage(began).user).toBeLessThan(1e6);
  });
});
