/** A grounded answer as people see it. */
import { expect, test } from "vitest";
import type { CitationSource, GroundingDocument } from "../spec/document.ts";
import type { GroundedAnswer } from "../spec/grounding.ts";
import { AnswerPrinter, type Place } from "./answer-printer.ts";

const documents: GroundingDocument[] = [
  { docId: 4, title: "A\u001b[31m\ntitle", content: "The ice melts fast. Seas rise." },
  { docId: 7, title: null, content: "Seas rise by 3 mm." },
];
const usage = { promptTokens: 0, completionTokens: 0, reusedTokens: 0 };
const answer: GroundedAnswer = {
  relevantDocIds: [4, 7],
  relevance: new Map([
    [4, 0.934],
    [7, 0.5],
  ]),
  answer: "Ice melts. Seas rise. Nobody knows.",
  citations: [
    { start: 0, end: 10, text: "Ice melts.", sources: [{ docId: 4, start: 0, end: 19 }] },
    {
      start: 11,
      end: 21,
      text: "Seas rise.",
      sources: [
        { docId: 4, start: 20, end: 30 },
        { docId: 7, start: 0, end: 18 },
      ],
    },
    { start: 22, end: 35, text: "Nobody knows.", sources: [] },
  ],
  finishReason: "stop",
  usage,
};

function printed(
  question: string,
  shown: GroundedAnswer,
  placeOf?: (source: CitationSource) => Place,
): string {
  let text = "";
  const printer = new AnswerPrinter(
    { write: (piece: string) => (text += piece) },
    question,
    documents,
    placeOf,
  );
  printer.relevant(shown.relevantDocIds, shown.relevance);
  printer.text(shown.answer);
  printer.sources(shown);
  return text;
}

test("ids, text, sources by number with what they support; a verbatim quote is not repeated", () => {
  expect(printed("What happens?", answer)).toBe(
    [
      "Relevant documents: 4 (0.93), 7 (0.50)",
      "",
      "Ice melts. Seas rise. Nobody knows.",
      "",
      "Sources:",
      "  [1] A␛[31m title · document 4, characters 0-19 · sentence 1",
      "      The ice melts fast.",
      "  [2] A␛[31m title · document 4, characters 20-30",
      "  [3] document 7, characters 0-18 · sentence 2",
      "      Seas rise by 3 mm.",
      "Nothing in the documents was found for: sentence 3",
      "",
    ].join("\n"),
  );
});

test("of a collection that does not answer, the most probable documents, hostile ones as text; of documents given, none", () => {
  const relevance = new Map([
    [7, 0.04],
    [4, 0.121],
  ]);
  const refused = { ...answer, relevantDocIds: [], relevance, answer: "No answer.", citations: [] };
  const placeOf = ({ docId, start, end }: CitationSource) => ({
    name: `/a/\u001b]0;${docId}`,
    page: docId,
    start: 100 + start,
    end: 100 + end,
  });
  expect(printed("What happens?", refused, placeOf)).toBe(
    [
      "Relevant documents: none",
      "",
      "No answer.",
      "",
      "Nearest to the question:",
      "  [1] A␛[31m title · /a/␛]0;4, page 4, characters 100-130 · 0.12",
      "      The ice melts fast. Seas rise.",
      "  [2] /a/␛]0;7, page 7, characters 100-118 · 0.04",
      "      Seas rise by 3 mm.",
      "",
    ].join("\n"),
  );
  expect(printed("Что случится?", refused, placeOf)).toContain("Ближе всего к вопросу:");
  expect(printed("What happens?", refused)).toBe("Relevant documents: none\n\nNo answer.\n");
});

test("excerpts are what a reader sees, of what shares hardly a word there is none, and a quote with code is verbatim", () => {
  const html = { docId: 0, title: null, content: "<p>The ice\n melts &amp; fast.</p><p>Seas rise.</p>" };
  const other = { docId: 1, title: null, content: "Nothing of it." };
  const code = { docId: 2, title: null, content: "> Open it:\n>\n> ```sh\n> open garden\n> ```" };
  let text = "";
  const given = [html, other, code];
  const printer = new AnswerPrinter({ write: (piece: string) => (text += piece) }, "q", given, (place) => ({
    ...place,
    name: "f",
  }));
  const refused = { ...answer, relevantDocIds: [], answer: "", citations: [] };
  printer.sources({
    ...refused,
    relevance: new Map([
      [0, 0.2],
      [1, 0.003],
    ]),
  });
  expect(text).toContain("      The ice melts & fast. Seas rise.\n");
  expect(text).not.toContain("[2]");
  text = "";
  const quote = "Open it:\nopen garden";
  const sources = [{ docId: 2, start: 0, end: code.content.length }];
  printer.sources({
    ...answer,
    relevantDocIds: [2],
    answer: quote,
    citations: [{ start: 0, end: quote.length, text: quote, sources }],
  });
  expect(text).toBe("\n\nSources:\n  [1] f, characters 0-40\n");
});

test("an answer that no document supports is marked as a whole", () => {
  const invented = { ...answer, answer: "Nobody knows.", citations: [{ ...answer.citations[2]!, start: 0 }] };
  expect(printed("What happens?", invented)).toBe(
    "Relevant documents: 4 (0.93), 7 (0.50)\n\nNobody knows.\nNothing in the documents was found for: sentence 1\n",
  );
});

test("a refusal in the language of the question; an answer that was cut says so", () => {
  const refusal = { ...answer, relevantDocIds: [], answer: "Нет ответа.", citations: [] };
  expect(printed("Что тает?", refusal)).toBe("Релевантные документы: нет\n\nНет ответа.\n");
  expect(printed("Что тает?", { ...refusal, finishReason: "length" })).toContain("--max-tokens");
});
