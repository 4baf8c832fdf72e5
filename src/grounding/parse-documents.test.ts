import { describe, expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { MAX_DOCUMENT_CHARACTERS } from "../spec/grounding.ts";
import { parseDocuments } from "./parse-documents.ts";

const row = (fields: object = {}) => ({ doc_id: 0, title: null, content: "Лёд тает.", ...fields });

test("reads the protocol's shape; titles may be missing, other fields are passed over", () => {
  expect(parseDocuments([row({ title: "Ледники", url: "x" }), { doc_id: 7, content: "" }])).toEqual([
    { docId: 0, title: "Ледники", content: "Лёд тает." },
    { docId: 7, title: null, content: "" },
  ]);
  const longest = row({ content: "я".repeat(MAX_DOCUMENT_CHARACTERS) });
  expect(parseDocuments([longest])[0]!.content.length).toBe(MAX_DOCUMENT_CHARACTERS);
});

describe("every fault names the document and the field", () => {
  const faults: [string, unknown, string][] = [
    ["nothing", undefined, "documents must be an array"],
    ["an object", { 0: row() }, "documents must be an array"],
    ["none", [], "no documents"],
    ["null in the list", [row(), null], "documents[1] must be an object"],
    ["no id", [{ content: "a" }], "documents[0].doc_id must be a whole number"],
    ["a string id", [row({ doc_id: "0" })], "documents[0].doc_id must be a whole number"],
    ["a fraction", [row({ doc_id: 0.5 })], "documents[0].doc_id must be a whole number"],
    ["a negative id", [row({ doc_id: -1 })], "documents[0].doc_id must be a whole number"],
    ["an id past 2^53", [row({ doc_id: 2 ** 53 })], "documents[0].doc_id must be a whole number"],
    ["no content", [row(), { doc_id: 1 }], "documents[1].content must be a string"],
    ["content of another kind", [row({ content: ["a"] })], "documents[0].content must be a string"],
    ["a title of another kind", [row({ title: 5 })], "documents[0].title must be a string or null"],
    ["one id twice", [row(), row()], "documents[1].doc_id is 0, which documents[0] has already"],
    [
      "a long text",
      [row({ content: "a".repeat(4001) })],
      "documents[0].content has 4001 characters and at most 4000 fit: split it into chunks",
    ],
    ["a long title", [row({ title: "a".repeat(4001) })], "documents[0].title has 4001 characters"],
  ];
  test.each(faults)("%s", (_, json, message) => {
    expect(() => parseDocuments(json)).toThrow(InputError);
    expect(() => parseDocuments(json)).toThrow(message);
  });
});
