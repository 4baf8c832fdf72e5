import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { areForms, formsInIndex, indexTerms, normalizeWord, stem, terms } from "./terms.ts";

const words = (text: string) => terms(text).map((term) => term.word);
const stems = (text: string) => terms(text).map((term) => term.stem);

describe("terms", () => {
  test("Russian inflections share a stem, English ones too, in one text", () => {
    expect(stems("ледники ледниками ледников")).toEqual(["ледник", "ледник", "ледник"]);
    expect(stems("connected connections")).toEqual(["connect", "connect"]);
    expect(stems("Запусти running процессы")).toEqual([stem("запусти"), "run", stem("процесс")]);
  });

  test("ё is е, case and stress marks do not matter", () => {
    expect(words("Ёлка ЕЛКА ёлка́")).toEqual(["елка", "елка", "елка"]);
    expect(words("Йод и\u0306од")).toEqual(["йод", "йод"]);
  });

  test("numbers keep their inner separators, thousands lose them", () => {
    expect(words("4:51, 3.5 и 1,000 или 12,345,678")).toEqual([
      "4:51",
      "3.5",
      "и",
      "1000",
      "или",
      "12345678",
    ]);
    expect(words("24-ярдовой в 1999.")).toEqual(["24", "ярдовой", "в", "1999"]);
  });

  test("apostrophes of both kinds stay inside words", () => {
    expect(words("don’t O'Hara 'quoted'")).toEqual(["don't", "o'hara", "quoted"]);
  });

  test("index terms hold the word and the marked stem", () => {
    expect(indexTerms("Ледники тают")).toEqual(["ледники", "~ледник", "тают", `~${stem("тают")}`]);
  });

  test("offsets point at the spelling, in order, for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
        let last = 0;
        for (const term of terms(text)) {
          expect(term.start).toBeGreaterThanOrEqual(last);
          expect(normalizeWord(text.slice(term.start, term.end))).toBe(term.word);
          last = term.end;
        }
      }),
    );
  });

  test("initials and hashes are those of the word, however it is spelled, and no word is empty", () => {
    const pieces = fc.constantFrom(..."aBяЁйи1'’ \u00AD\u0301\u0306ﬁŉ𝒜한,.", "ж".repeat(70));
    const texts = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 60 }),
      fc.array(pieces, { maxLength: 20 }).map((all) => all.join("")),
    );
    const hashes = new Map<string, number>();
    fc.assert(
      fc.property(texts, (text) => {
        for (const { word, stem, initial, hash } of terms(`${text} ${text.toUpperCase()}`)) {
          expect(word).not.toBe("");
          expect([word.charCodeAt(0), stem.charCodeAt(0)]).toEqual([initial, initial]);
          expect(hash).toBe(hashes.get(word) ?? hash);
          hashes.set(word, hash);
        }
      }),
    );
    expect(new Set(hashes.values()).size).toBe(hashes.size);
  });

  test("a word without end, and more words than the memo holds, are bounded", () => {
    expect(terms("а".repeat(100_000))[0]?.word.length).toBe(64);
    for (let i = 0; i < 50_000; i++) stem(`слово${i}`);
    expect(stem("ледниками")).toBe("ледник");
  });
});

describe("forms of one word", () => {
  const term = (word: string) => terms(word)[0]!;

  test.each(
    ["архив архива архиве архивы", "устав устава уставу", "перерыв перерыва", "отзыв отзыва отзывы"].concat(
      "канал каналу каналах",
      "ресторан ресторана ресторане",
      "материал материалам материалах",
      "режим режима режимах",
      "ошибок ошибка ошибки",
      "список списка списками",
      "отец отца",
      "рынок рынка",
      "палец пальца",
    ),
  )("%s", (forms) => {
    const [nominative, ...others] = forms.split(" ").map(term);
    for (const other of others) {
      expect(areForms(nominative!, other)).toBe(true);
      expect(areForms(other, nominative!)).toBe(true);
      // An index that has either is found by the other.
      for (const [asked, told] of [
        [nominative!, other],
        [other, nominative!],
      ])
        expect(indexTerms(told!.word).some((one) => formsInIndex(asked!).includes(one))).toBe(true);
    }
  });

  test("of others nothing more is looked for", () => {
    for (const word of ["книга", "говорила", "устав", "universities", "1812"])
      expect(formsInIndex(term(word)).slice(0, 2)).toEqual(indexTerms(word));
    expect(formsInIndex(term("книгами"))).toEqual(["книгами", "~книг"]);
    expect(areForms(term("уста"), term("устав"))).toBe(false);
    expect(areForms(term("книга"), term("тетрадь"))).toBe(false);
    for (const [one, other] of [
      "город гордый",
      "посол после",
      "корона корня",
      "шифр шифер",
      "степень степной",
    ].map((pair) => pair.split(" ").map(term)))
      expect(areForms(one!, other!)).toBe(false);
  });
});
