/** A grounded answer as people see it. */
import { expect, test } from "vitest";
import type { GroundingDocument } from "../spec/document.ts";
import type { GroundedAnswer } from "../spec/grounding.ts";
import { answerPrinter } from "./answer-printer.ts";

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

function printed(question: string, shown: GroundedAnswer): string {
  let text = "";
  const printer = answerPrinter({ write: (piece: string) => (text += piece) }, question, documents);
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
