import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { visibleText } from "../../util/visible-text.ts";
import { documentSentences } from "./document-sentences.ts";

const texts = (content: string) => documentSentences(content).map((sentence) => sentence.text);

describe("documentSentences", () => {
  test("Markdown: headings, paragraphs, items, rows, code", () => {
    const content =
      "# Волга\n\nРека в России. Длинная\nи широкая.\n\n- Впадает в Каспий\n- Питание\n  снеговое\n1. Первый\n\n> Цитата. Вторая.\n\n" +
      "| Длина | 3530 |\n|---|---|\n| Бассейн | 1360 |\n\n---\n\n```\nlet a = 1. b\nlet c\n```\n";
    expect(texts(content)).toEqual([
      "Волга",
      "Река в России.",
      "Длинная и широкая.",
      "Впадает в Каспий",
      "Питание снеговое",
      "Первый",
      "Цитата.",
      "Вторая.",
      "| Длина | 3530 |",
      "| Бассейн | 1360 |",
      "let a = 1. b",
      "let c",
    ]);
    expect(
      documentSentences(content)
        .filter((s) => s.heading)
        .map((s) => s.text),
    ).toEqual(["Волга"]);
  });

  test("a quotation of several lines has no marks inside, a table needs none at its edges, code's dots end nothing", () => {
    expect(texts("> Длинная\n> цитата тут. Вторая\n> > внутри.")).toEqual([
      "Длинная цитата тут.",
      "Вторая внутри.",
    ]);
    expect(texts("Знак | Смысл\n--- | :-:\n`..` | Все поля. Да\n\nПосле | таблицы")).toEqual([
      "Знак | Смысл",
      "`..` | Все поля. Да",
      "После | таблицы",
    ]);
    expect(texts("Пишите `..`, или `a ... b`. Всё.")).toEqual(["Пишите `..`, или `a ... b`.", "Всё."]);
  });

  test("code in a quotation has its lines, and ends with it", () => {
    const quoted = "> Script:\n>\n> ```sh\n> tar c. Z\n>   cp x\n> ```\n>\n> Kept. Long.\n\nAfter.";
    expect(texts(quoted)).toEqual(["Script:", "tar c. Z", "cp x", "Kept.", "Long.", "After."]);
    expect(texts("> ```\n> open x\n\nAfter. All")).toEqual(["open x", "After.", "All"]);
    expect(texts("```\n> npm i\n```\nAfter. All")).toEqual(["> npm i", "After.", "All"]);
  });

  test("sentences of one paragraph share its block", () => {
    const blocks = documentSentences("# A\n\nOne. Two.\n\n- three. Four\n- five").map(({ block }) => block);
    expect(blocks).toEqual([0, 1, 1, 2, 2, 3]);
  });

  test("HTML: blocks divide, inline tags do not, and spans reach over them", () => {
    const content =
      "<h2>Река</h2><p>Волга — <b>крупнейшая</b> река. Течёт.</p><ul><li>Рыба<li>Лес</ul><tr><td>a<td>b</tr>";
    const sentences = documentSentences(content);
    expect(sentences.map((s) => s.text)).toEqual([
      "Река",
      "Волга — крупнейшая река.",
      "Течёт.",
      "Рыба",
      "Лес",
      "a b",
    ]);
    expect(content.slice(sentences[1]!.start, sentences[1]!.end)).toBe("Волга — <b>крупнейшая</b> река.");
    expect(sentences[0]!.heading).toBe(true);
  });

  test("nothing but marks is no sentence", () => {
    for (const content of ["", " \n\n ", "***", "<p></p>", "- \n- ", "…!?"])
      expect(texts(content)).toEqual([]);
  });

  test("spans are exact, ordered and apart for any mix of markup", () => {
    const pieces = [
      "# ",
      "- ",
      "| a | b |",
      "\n",
      "\n\n",
      "<p>",
      "</p>",
      "<b>",
      "&amp;",
      "Слово. ",
      "Word! ",
      "а",
      "`x`",
      "```\n",
      " 1. ",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (parts) => {
        const content = parts.join("");
        let last = 0;
        for (const { start, end, text } of documentSentences(content)) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(content.length);
          expect(text).toBe(text.trim());
          // Without markup between, the quote is what is shown.
          const quote = content.slice(start, end);
          if (!/[<&`]/.test(quote)) expect(visibleText(quote).text.replace(/\s+/g, " ")).toBe(text);
          last = end;
        }
      }),
    );
  });
});
