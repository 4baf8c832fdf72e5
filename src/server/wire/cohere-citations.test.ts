import { expect, test } from "vitest";
import { citeAnswer } from "../../grounding/cite.ts";
import { cohereCitations } from "./cohere-citations.ts";
import { readDocuments } from "./documents.ts";

const answer = (text: string, documents: ReturnType<typeof readDocuments>) => ({
  relevantDocIds: [0],
  relevance: new Map(),
  answer: text,
  finishReason: "stop" as const,
  citations: citeAnswer(text, documents.documents),
  usage: { promptTokens: 0, completionTokens: 0, reusedTokens: 0 },
});

test("sentences that have sources, with the documents as the client gave them", () => {
  const volga = { title: "Волга", text: "Волга — крупнейшая река Европы.", length: 3530 };
  const documents = readDocuments([{ id: "река", data: volga }, "The Rhine flows through Germany."]);
  const text = "Волга — крупнейшая река Европы. Дунай течёт на запад. The Rhine flows through Germany.";
  expect(cohereCitations(answer(text, documents), documents)).toEqual([
    {
      start: 0,
      end: 31,
      text: "Волга — крупнейшая река Европы.",
      sources: [{ type: "document", id: "река", document: { ...volga, id: "река" } }],
    },
    {
      start: text.indexOf("The"),
      end: text.length,
      text: "The Rhine flows through Germany.",
      sources: [
        {
          type: "document",
          id: "doc:1",
          document: { id: "doc:1", text: "The Rhine flows through Germany." },
        },
      ],
    },
  ]);
});

test("a document that was cut is one source, and ids are strings", () => {
  const filler = "Здесь говорится о другом, и притом весьма пространно. ".repeat(100);
  const content = `Волга впадает в Каспийское море.\n\n${filler}\n\nДлина Волги 3530 км.`;
  const documents = readDocuments([{ doc_id: 7, title: null, content }]);
  expect(documents.documents.length).toBeGreaterThan(1);
  const text = "Волга впадает в Каспийское море, длина Волги 3530 км.";
  const [citation, ...others] = cohereCitations(answer(text, documents), documents);
  expect(others).toEqual([]);
  expect(answer(text, documents).citations[0]!.sources.length).toBe(2);
  expect(citation!.sources).toEqual([{ type: "document", id: "7", document: { id: "7", content } }]);
});
