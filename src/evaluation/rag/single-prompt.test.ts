import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { GroundedTestRow } from "../../datasets/grounded-test-row.ts";
import { readSingleReply, singlePrompt } from "./single-prompt.ts";

const row: GroundedTestRow = {
  id: "1",
  domain: "in_domain",
  language: "en",
  documents: [
    { docId: 4, title: "The {question}", content: "Costs $& and {documents}." },
    { docId: 7, title: null, content: "Nothing." },
  ],
  messages: [
    { role: "user", content: "Hello" },
    { role: "assistant", content: "Hello!" },
    { role: "user", content: "What does {documents} cost?" },
  ],
  relevantDocIds: [4],
  reference: "$&",
};

test("one message of the user holds documents and question, to the character, after what was said before", () => {
  const messages = singlePrompt(row);
  expect(messages.slice(0, -1)).toEqual(row.messages.slice(0, -1));
  const { role, content } = messages.at(-1)!;
  expect(role).toBe("user");
  expect(content).toContain(
    '<document id="4">\nTitle: The {question}\nCosts $& and {documents}.\n</document>',
  );
  expect(content).toContain('<document id="7">\nNothing.\n</document>');
  expect(content).toContain("Question: What does {documents} cost?\n");
});

test("ids and answer come apart wherever the JSON stands", () => {
  const ids = fc.uniqueArray(fc.nat(12), { maxLength: 5 });
  const around = fc.constantFrom(
    ["", "\n"],
    ["Sure:\n", "\n\n"],
    ["```json\n", "\n```\n"],
    ["```\n", "```\n"],
    ["The answer\n", ""],
  );
  fc.assert(
    fc.property(ids, around, fc.boolean(), (given, [before, after], spaced) => {
      const json = spaced
        ? `{ "relevant_doc_ids" : [ ${given.join(" , ")} ] }`
        : JSON.stringify({ relevant_doc_ids: given });
      const read = readSingleReply(`${before}${json}${after}It is blue.`);
      expect(read.ids).toEqual([...given].sort((a, b) => a - b));
      expect(read.answer).toMatch(/It is blue\.$/);
      expect(read.answer).not.toMatch(/relevant_doc_ids|```/);
    }),
  );
});

describe("a reply that names no ids is all answer", () => {
  test.each([
    "It is blue.",
    '{"relevant_doc_ids": "0"} It is blue.',
    '{"relevant_doc_ids": [0.5]} It is blue.',
    '{"relevant_doc_ids": [0,]} It is blue.',
    '{"ids": [0]} It is blue.',
  ])("%s", (reply) => {
    expect(readSingleReply(reply)).toEqual({ ids: null, answer: reply });
  });
});

test("a long reply that almost has ids is read at once", () => {
  const reply = `{"relevant_doc_ids": [${"1, ".repeat(100_000)}`;
  expect(readSingleReply(reply).ids).toBeNull();
});
