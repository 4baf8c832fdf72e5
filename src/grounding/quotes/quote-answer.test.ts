import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../errors.ts";
import type { GroundingDocument } from "../../spec/document.ts";
import type { GroundedAnswer } from "../../spec/grounding.ts";
import { visibleText } from "../../util/visible-text.ts";
import { quoteAnswer } from "./quote-answer.ts";

const WARMING: GroundingDocument[] = [
  {
    docId: 0,
    title: "Глобальное потепление: ледники",
    content: "За последние 50 лет объем ледников в мире уменьшился на 30%",
  },
  {
    docId: 1,
    title: "Глобальное потепление: Уровень моря",
    content: "Уровень мирового океана повысился на 20 см с 1880 года и продолжает расти на 3,3 мм каждый год",
  },
];

/** What must hold of every answer whatsoever. */
function expectSound(answer: GroundedAnswer, documents: readonly GroundingDocument[]): void {
  expect(answer.relevantDocIds).toEqual([...answer.relevantDocIds].sort((a, b) => a - b));
  expect([...answer.relevance.keys()]).toEqual(documents.map((document) => document.docId));
  for (const probability of answer.relevance.values())
    expect(probability >= 0 && probability <= 1).toBe(true);
  const cited = new Set(
    answer.citations.flatMap((citation) => citation.sources.map((source) => source.docId)),
  );
  expect([...cited].sort((a, b) => a - b)).toEqual(answer.relevantDocIds);
  for (const citation of answer.citations) {
    expect(answer.answer.slice(citation.start, citation.end)).toBe(citation.text);
    const [source] = citation.sources;
    const { content } = documents.find((document) => document.docId === source!.docId)!;
    const shown = visibleText(content.slice(source!.start, source!.end)).text.replace(/\s+/g, " ").trim();
    expect(shown).toBe(citation.text);
  }
}

describe("quoteAnswer", () => {
  test("the model card's example, mistyped as there, and corrected", () => {
    for (const question of ["Глоабльное потепление", "Глобальное потепление"]) {
      const answer = quoteAnswer(question, WARMING);
      expect(answer.relevantDocIds).toEqual([0, 1]);
      expect(answer.answer).toBe(`1. ${WARMING[0]!.content}\n2. ${WARMING[1]!.content}`);
      expectSound(answer, WARMING);
    }
  });

  test("one document where one answers, both where two things are asked", () => {
    expect(quoteAnswer("На сколько поднялся уровень моря?", WARMING).relevantDocIds).toEqual([1]);
    const both = quoteAnswer("Насколько уменьшились ледники и на сколько вырос уровень океана?", WARMING);
    expect(both.relevantDocIds).toEqual([0, 1]);
    expect(both.citations.map((citation) => citation.sources[0]!.docId)).toEqual([0, 1]);
  });

  test("refuses in the language of the question", () => {
    const russian = quoteAnswer("Кто написал «Мёртвые души»?", WARMING);
    expect(russian).toMatchObject({ relevantDocIds: [], citations: [], finishReason: "stop" });
    expect(russian.answer).toBe("В предоставленных документах нет ответа на этот вопрос.");
    expect(quoteAnswer("Who wrote Dead Souls?", WARMING).answer).toBe(
      "The documents provided do not answer this question.",
    );
    expect(quoteAnswer("???", WARMING).relevantDocIds).toEqual([]);
  });

  test("quotes HTML without its tags, with spans over them", () => {
    const content = "<h1>Volga</h1><p>The <b>Volga</b> is the longest river in Europe. It is deep.</p>";
    const answer = quoteAnswer("What is the longest river in Europe?", [{ docId: 7, title: null, content }]);
    expect(answer.citations[0]!.text).toBe("The Volga is the longest river in Europe.");
    const [source] = answer.citations[0]!.sources;
    expect(content.slice(source!.start, source!.end)).toBe(
      "The <b>Volga</b> is the longest river in Europe.",
    );
  });

  test("a heading or a title is not an answer, what it stands over is", () => {
    const content = "# Отпуск\n\nСотрудник уведомляет руководителя за две недели.";
    const answer = quoteAnswer("отпуск", [{ docId: 0, title: null, content }]);
    expect(answer.citations[0]!.text).toBe("Сотрудник уведомляет руководителя за две недели.");
    expect(quoteAnswer("отпуск", [{ docId: 0, title: "Отпуск", content: "" }]).relevantDocIds).toEqual([]);
  });

  test("options: the threshold and how many sentences", () => {
    expect(quoteAnswer("уровень", WARMING, { threshold: 1 }).relevantDocIds).toEqual([]);
    const content = "Река Волга длинная. Река Волга широкая. Река Волга глубокая.";
    const count = (maxQuotes: number) =>
      quoteAnswer("река Волга", [{ docId: 0, title: null, content }], { maxQuotes }).citations.length;
    expect([1, 2, 3].map(count)).toEqual([1, 2, 3]);
  });

  test("wrong documents are an error", () => {
    expect(() => quoteAnswer("a", [])).toThrow(InputError);
    expect(() => quoteAnswer("a", [WARMING[0]!, WARMING[0]!])).toThrow(InputError);
  });

  test("sound for any documents and question; order does not matter to relevance", () => {
    const word = fc.constantFrom(
      ..."Волга река впадает море The river sea 1812 <p> </p> <b> &amp; # - \n . ! а".split(" "),
      "\n\n",
    );
    const content = fc.array(word, { maxLength: 30 }).map((words) => words.join(" "));
    fc.assert(
      fc.property(fc.array(content, { minLength: 1, maxLength: 4 }), content, (contents, question) => {
        const documents = contents.map((text, docId) => ({ docId, title: null, content: text }));
        const answer = quoteAnswer(question, documents);
        expectSound(answer, documents);
        const turned = quoteAnswer(question, [...documents].reverse());
        expect(turned.relevance).toEqual(answer.relevance);
      }),
      { numRuns: 60 },
    );
  });

  test("hostile and many documents are bounded", () => {
    const pages = [
      "а".repeat(4000),
      "<div>".repeat(800),
      "a.".repeat(2000),
      "слово ".repeat(666),
      "&".repeat(4000),
    ];
    const documents = pages.map((content, docId) => ({ docId, title: null, content }));
    const many = Array.from({ length: 500 }, (_, docId) => ({
      docId,
      title: null,
      content: `Река номер ${docId}.`,
    }));
    const question = `${"слово река ".repeat(500)}?`;
    const began = performance.now();
    quoteAnswer(question, documents);
    const answer = quoteAnswer("Какая река номер 77?", many);
    expect(performance.now() - began).toBeLessThan(3000);
    expect(answer.relevantDocIds).toEqual([77]);
    expect(quoteAnswer("река", many).relevantDocIds.length).toBeLessThanOrEqual(6);
  });
});
