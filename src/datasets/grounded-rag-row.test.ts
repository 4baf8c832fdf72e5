import { describe, expect, test } from "vitest";
import { groundedRagRow, RowFault } from "./grounded-rag-row.ts";

const documents = [
  { doc_id: 0, title: "Озеро", content: "Озеро Верль лежит в горах." },
  { doc_id: 1, title: null, content: "Город Брамск основан в 1703 году." },
];

const turns = (ids: unknown, given: unknown = documents) => [
  { role: "system", content: "Your task is" },
  { role: "documents", content: typeof given === "string" ? given : JSON.stringify(given) },
  { role: "user", content: "Когда основан Брамск?" },
  { role: "assistant", content: JSON.stringify({ relevant_doc_ids: ids }) },
  { role: "assistant", content: "Брамск основан в 1703 году." },
];

test("a dialogue becomes a row, as a list and as JSON alike", () => {
  const row = {
    id: 12n,
    cluster: "wiki 3",
    type: "good",
    model: "m",
    docs_count: 2,
    conversation: turns([1]),
  };
  const expected = {
    id: "12",
    cluster: "wiki 3",
    domain: "in_domain",
    language: "ru",
    documents: documents.map(({ doc_id, ...document }) => ({ docId: doc_id, ...document })),
    messages: [{ role: "user", content: "Когда основан Брамск?" }],
    relevantDocIds: [1],
    reference: "Брамск основан в 1703 году.",
  };
  expect(groundedRagRow(row, 1)).toEqual(expected);
  expect(groundedRagRow({ ...row, conversation: JSON.stringify(row.conversation) }, 1)).toEqual(expected);
});

test.each(["ood", "out-of-domain", "out_of_domain", null, undefined])(
  "no ids are out of domain: %s",
  (type) => {
    const row = groundedRagRow({ type, conversation: turns([]) }, 7);
    expect(row).toMatchObject({ id: "7", domain: "out_of_domain", relevantDocIds: [] });
    expect(row).not.toHaveProperty("cluster");
  },
);

test("earlier answers stay as people saw them, without their selections", () => {
  const [system, shown, question, ids, answer] = turns([1]);
  const follow = { role: "user", content: "А где озеро?" };
  const last = [
    { role: "assistant", content: '{"relevant_doc_ids": [0]}' },
    { role: "assistant", content: "В горах." },
  ];
  const { messages, relevantDocIds } = groundedRagRow(
    { conversation: [system, shown, question, ids, answer, follow, ...last] },
    1,
  );
  expect(messages).toEqual([question, answer, follow]);
  expect(relevantDocIds).toEqual([0]);
});

test("texts are cut to what a document may hold", () => {
  const long = [{ doc_id: 0, title: "t".repeat(5000), content: "c".repeat(5000) }];
  const [document] = groundedRagRow({ conversation: turns([0], long) }, 1).documents;
  expect([document!.title!.length, document!.content.length]).toEqual([4000, 4000]);
});

describe("a fault is named", () => {
  test.each<[string, unknown, RegExp]>([
    ["no object", 5, /^row: /],
    ["no conversation", {}, /^row\.conversation: /],
    ["a conversation that is no JSON", { conversation: "hello" }, /^conversation: not JSON/],
    ["no ids before the answer", { conversation: turns([1]).toSpliced(3, 1) }, /two assistant turns/],
    ["nothing", { conversation: [] }, /two assistant turns/],
    ["no documents", { conversation: turns([1]).toSpliced(1, 1) }, /0 turns of the role documents/],
    ["documents that are no JSON", { conversation: turns([1], "[{") }, /^documents: not JSON/],
    [
      "documents of another shape",
      { conversation: turns([1], [{ id: 0, text: "a" }]) },
      /^documents\.0\.doc_id/,
    ],
    ["ids that are none", { conversation: turns(["1"]) }, /last turn but one/],
    ["an id without a document", { conversation: turns([4]) }, /not among the documents/],
    ["two documents of one id", { conversation: turns([0], [documents[0], documents[0]]) }, /same doc_id/],
    ["relevant documents out of domain", { type: "ood", conversation: turns([1]) }, /^type: ood/],
    ["no question", { conversation: turns([1]).toSpliced(2, 1) }, /no question/],
  ])("%s", (_, value, wanted) => {
    expect(() => groundedRagRow(value, 1)).toThrow(RowFault);
    expect(() => groundedRagRow(value, 1)).toThrow(wanted);
  });
});
