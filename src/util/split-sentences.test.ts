import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitSentences } from "./split-sentences.ts";

const sentences = (text: string) => splitSentences(text).map(({ start, end }) => text.slice(start, end));

describe("splitSentences", () => {
  test("ends at end marks, closing quotes included", () => {
    expect(sentences("Он ушёл. «Куда?» Никто не знал… Well! She said “No.” Then left.")).toEqual([
      "Он ушёл.",
      "«Куда?»",
      "Никто не знал…",
      "Well!",
      "She said “No.”",
      "Then left.",
    ]);
  });

  test("abbreviations, initials, list numbers and decimals do not end one", () => {
    for (const text of [
      "В 1812 г. Наполеон вошёл в Москву, т. е. в столицу.",
      "А. С. Пушкин и др. Авторы жили на ул. Мира.",
      "Mr. Holmes met Dr. Watson in the U.S. Senate.",
      "It costs 3.5 dollars, i.e. less than 4.50.",
      "1. First of all this.",
    ])
      expect(sentences(text)).toEqual([text]);
  });

  test("a year ends a sentence, a small letter does not begin one", () => {
    expect(sentences("Умер в 1999. Похоронен там же.")).toHaveLength(2);
    expect(sentences("Yahoo! was here. Then not.")).toHaveLength(2);
  });

  test("a blank line divides, a line break does not", () => {
    expect(sentences("Заголовок\n\nПервая строка\nвторая")).toEqual(["Заголовок", "Первая строка\nвторая"]);
  });

  test("spans are ordered, trimmed, and hold every character that is not space", () => {
    const texts = fc.array(fc.constantFrom(...'aБ.!?… \n"»)1,ж'), { maxLength: 60 }).map((a) => a.join(""));
    fc.assert(
      fc.property(texts, (text) => {
        const spans = splitSentences(text);
        let last = 0;
        for (const { start, end } of spans) {
          expect(text.slice(last, start).trim()).toBe("");
          expect(text.slice(start, end)).toBe(text.slice(start, end).trim());
          expect(end).toBeGreaterThan(start);
          last = end;
        }
        expect(text.slice(last).trim()).toBe("");
      }),
    );
  });

  test("stays linear on hostile text", () => {
    const began = performance.now();
    for (const unit of [".", "a", "a.", " ", "\n", "A. "]) splitSentences(unit.repeat(50_000));
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
