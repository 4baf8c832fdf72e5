import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { queryTerms } from "./chunk-terms.ts";
import { latinSpellings } from "./latin-spellings.ts";
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
    ["трафик", "traffic"],
    ["слайс", "slice"],
    ["трейтов", "trait"],
    ["Джава", "java"],
    ["ТЕСЛА", "tesla"],
  ])("%s: %s", (spelled, latin) => {
    expect(latinSpellings(term(spelled))!.has(term(latin))).toBe(true);
    expect(latinSpellings(term(spelled))!.initials).toContain(latin.charCodeAt(0));
    // Whoever looks for these in an index finds it.
    expect(latinSpellings(term(spelled))!.likelyStems(48)).toContain(stem(latin));
  });

  test.each([
    ["докер", "doctor"],
    ["трейт", "street"],
    ["линукс", "line"],
    // Rare itself, but it is a word that English has often.
    ["волк", "walk"],
  ])("%s is not %s", (spelled, other) => {
    expect(latinSpellings(term(spelled))!.has(term(other))).toBe(false);
  });

  test("words that are frequent or short have none, nor have those of other letters", () => {
    const frequent =
      "жить пять тень семь мать лень цель море мост дети путь сеть боль рост рука слово дорога ветер";
    for (const word of [...frequent.split(" "), "код", "ьььь", "Docker", "1812", "i18nтест", "日本語の本"])
      expect(latinSpellings(term(word))).toBeUndefined();
  });

  test("each likely one is one, and the limit holds", () => {
    const word = fc.string({
      unit: fc.constantFrom(..."абвгдежзийклмнопрстуфхцчшщъыьэюя"),
      minLength: 4,
      maxLength: 12,
    });
    fc.assert(
      fc.property(word, fc.integer({ min: 1, max: 50 }), (one, limit) => {
        const spellings = latinSpellings({ word: one, stem: one });
        const likely = spellings?.likelyStems(limit) ?? [];
        expect(likely.length > 0).toBe(spellings !== undefined);
        expect(likely.length).toBeLessThanOrEqual(limit);
        for (const latin of likely) expect(spellings!.initials).toContain(latin.charCodeAt(0));
      }),
    );
  });

  test("are looked for in long questions, too", () => {
    const question =
      "Как настроить автоматический перезапуск контейнера докера на сервере после сбоя питания в выходные?";
    expect(queryTerms(question)).toContain("~docker");
    const long = `${"слово за слово и ещё одно другое ".repeat(30)} докер`;
    expect(queryTerms(long)).toContain("~docker");
    const many = Array.from({ length: 500 }, (_, i) => `докер${"абвгде"[i % 6]}${"клмнпр"[i % 5]}`).join(" ");
    expect(queryTerms(many).length).toBeLessThanOrEqual(96 + 192);
  });

  test("words that are made to be ambiguous take no time", () => {
    const began = process.cpuUsage();
    for (const [cyrillic, latin] of [
      ["оу", "o"],
      ["лал", "l"],
      ["ие", "e"],
    ]) {
      const spelled = { word: cyrillic!.repeat(20), stem: "небылица" };
      expect(latinSpellings(spelled)!.has({ word: `${latin!.repeat(50)}!`, stem: "nonesuch" })).toBe(false);
    }
    expect(process.cpuUsage(began).user).toBeLessThan(1e6);
  });
});
