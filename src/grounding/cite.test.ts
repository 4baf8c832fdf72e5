import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { citeAnswer } from "./cite.ts";

const DOCUMENTS = [
  { docId: 0, title: null, content: "Волга — крупнейшая река Европы. Её длина составляет 3530 км." },
  { docId: 5, title: null, content: "<p>The <b>Rhine</b> flows through Germany. It is 1,230 km long.</p>" },
];

const quotes = (answer: string) =>
  citeAnswer(answer, DOCUMENTS).map((citation) =>
    citation.sources.map(({ docId, start, end }) =>
      DOCUMENTS.find((document) => document.docId === docId)!.content.slice(start, end),
    ),
  );

describe("citeAnswer", () => {
  test("each sentence has its own sources, across markup and inflection", () => {
    expect(quotes("Крупнейшая река в Европе — это Волга. The Rhine flows in Germany.")).toEqual([
      ["Волга — крупнейшая река Европы."],
      ["The <b>Rhine</b> flows through Germany."],
    ]);
  });

  test("a sentence over two sources names both", () => {
    expect(quotes("Волга, крупнейшая река Европы, имеет длину 3530 км.")[0]).toEqual([
      "Волга — крупнейшая река Европы.",
      "Её длина составляет 3530 км.",
    ]);
  });

  test("a number or a name that no source holds leaves the sentence without support", () => {
    expect(quotes("Длина реки составляет 4000 км.")).toEqual([[]]);
    expect(quotes("Крупнейшая река Европы — Дунай.")).toEqual([[]]);
    expect(quotes("It is 1230 km long.")).toEqual([["It is 1,230 km long."]]);
  });

  test("small talk and other subjects have no sources; headings are passed over", () => {
    expect(quotes("## Ответ\n\nДа. Надеюсь, это помогло!")).toEqual([[], []]);
    expect(citeAnswer("", DOCUMENTS)).toEqual([]);
    expect(citeAnswer("Волга — река.", [])).toMatchObject([{ sources: [] }]);
  });

  test("what is said in the sources word for word is supported, and all spans are exact", () => {
    const words = fc.constantFrom(..."ледник тает море растёт 1880 Волга течёт река город лес".split(" "));
    const sentence = fc.array(words, { minLength: 2, maxLength: 7 }).map((w) => `Вот ${w.join(" ")}.`);
    fc.assert(
      fc.property(fc.array(sentence, { minLength: 1, maxLength: 5 }), fc.nat(), (sentences, pick) => {
        const documents = [{ docId: 1, title: null, content: sentences.join(" ") }];
        const answer = `${sentences[pick % sentences.length]!} Совсем другое 77.`;
        const [supported, not] = citeAnswer(answer, documents);
        expect(answer.slice(supported!.start, supported!.end)).toBe(supported!.text);
        expect(supported!.sources.length).toBeGreaterThanOrEqual(1);
        expect(supported!.sources.length).toBeLessThanOrEqual(3);
        for (const { start, end } of supported!.sources)
          expect(sentences).toContain(documents[0]!.content.slice(start, end));
        expect(not!.sources).toEqual([]);
      }),
    );
  });

  test("hostile answers and documents are bounded", () => {
    const began = performance.now();
    const documents = [{ docId: 0, title: null, content: "слово река. ".repeat(330) }];
    citeAnswer("слово река ".repeat(5000), documents);
    citeAnswer("а".repeat(50_000), documents);
    citeAnswer("Река слово. ".repeat(200), documents);
    expect(performance.now() - began).toBeLessThan(3000);
  });
});
