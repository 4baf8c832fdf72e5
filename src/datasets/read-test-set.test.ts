import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { readTestSet } from "./read-test-set.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-test-set-"));
afterAll(() => rmSync(folder, { recursive: true }));

const read = (text: string, name = "data") => {
  writeFileSync(join(folder, name), text);
  return readTestSet(join(folder, name));
};
const lines = (...rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

const own = {
  id: "1",
  domain: "in_domain",
  documents: [{ doc_id: 0, title: null, content: "The mast is 30 m high." }],
  question: "How high is the mast?",
  relevant_doc_ids: [0],
  reference: "30 m",
};
const dialogue = {
  id: 1,
  conversation: [
    { role: "documents", content: JSON.stringify(own.documents) },
    { role: "user", content: own.question },
    { role: "assistant", content: '{"relevant_doc_ids": [0]}' },
    { role: "assistant", content: "30 m" },
  ],
};
const squad = {
  version: "1.1",
  data: [
    {
      paragraphs: [1, 2, 3].map((n) => ({
        context: `Tower ${n} is ${n}0 m high.`,
        qas: [{ id: String(n), question: `How high is tower ${n}?`, answers: [{ text: `${n}0 m` }] }],
      })),
    },
  ],
};

test("the format is told by the content, whatever the name and the layout", async () => {
  const { documents, reference, messages } = (await read(lines(own))).rows[0]!;
  expect({ documents, reference, messages }).toEqual({
    documents: [{ docId: 0, title: null, content: "The mast is 30 m high." }],
    reference: "30 m",
    messages: [{ role: "user", content: "How high is the mast?" }],
  });
  const formats: [string, string][] = [
    ["vikhr", `\ufeff${lines(own)}`],
    ["vikhr", lines({ ...own, question: 'What is {"conversation": []}, "data": {}?' })],
    ["grounded-rag", lines(dialogue)],
    ["grounded-rag", lines({ ...dialogue, conversation: JSON.stringify(dialogue.conversation) })],
    ["xquad", JSON.stringify(squad)],
    ["xquad", JSON.stringify(squad, null, 2)],
    ["xquad", JSON.stringify({ data: squad.data })],
  ];
  for (const [format, text] of formats)
    expect([text.slice(0, 60), (await read(text)).format]).toEqual([text.slice(0, 60), format]);
});

test("ids that repeat: an error in our own rows, the row's number in foreign ones; the hash is the file's", async () => {
  await expect(read(lines(own, own))).rejects.toThrow(/two rows have the id "1"/);
  const { rows, sha256 } = await read(lines(dialogue, dialogue));
  expect(rows.map(({ id }) => id)).toEqual(["1", "1 (row 2)"]);
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  expect((await read(`${lines(dialogue, dialogue)}\n`)).sha256).not.toBe(sha256);
});

describe("one line with the file and the row for", () => {
  test.each<[string, string, RegExp]>([
    ["nothing", "", /no questions/],
    ["no JSON", "hello\n", /data:1: not JSON/],
    ["an XQuAD file cut off", JSON.stringify(squad).slice(0, 200), /data:1: not JSON/],
    [
      "a dialogue without ids",
      lines(dialogue, { ...dialogue, conversation: dialogue.conversation.toSpliced(2, 1) }),
      /data: row 2: conversation/,
    ],
    ["no documents", lines({ ...own, documents: [] }), /data:1: documents: /],
    [
      "an id of no document",
      lines(own, { ...own, id: "2", relevant_doc_ids: [3] }),
      /data:2: relevant_doc_ids: /,
    ],
    ["in domain without ids", lines({ ...own, relevant_doc_ids: [] }), /in_domain needs at least one/],
    ["out of domain with ids", lines({ ...own, domain: "out_of_domain" }), /out_of_domain none/],
    ["no question", lines({ ...own, question: " " }), /data:1: messages: /],
    [
      "an answer in the end",
      lines({ ...own, messages: [{ role: "assistant", content: "a" }] }),
      /data:1: messages/,
    ],
    [
      "two documents of one id",
      lines({ ...own, documents: [own.documents[0], own.documents[0]] }),
      /same doc_id/,
    ],
    [
      "a document that is too long",
      lines({ ...own, documents: [{ doc_id: 0, content: "x".repeat(4001) }] }),
      /data:1: documents\.0\.content/,
    ],
    ["another kind of rows", lines({ messages: [] }), /data:1: /],
    ["a list", "[]", /data:1: /],
  ])("%s", async (_, text, wanted) => {
    const error = await read(text).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(wanted);
    expect((error as Error).message).not.toContain("\n");
  });

  test("no file, and a folder", async () => {
    await expect(readTestSet(join(folder, "none"))).rejects.toThrow(/cannot read .*none/);
    mkdirSync(join(folder, "sub"));
    await expect(readTestSet(join(folder, "sub"))).rejects.toThrow(/it is not a file/);
  });
});
