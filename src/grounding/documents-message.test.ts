import fc from "fast-check";
import { expect, test } from "vitest";
import { documentsMessage } from "./documents-message.ts";

test("the model card's example, character for character", () => {
  const documents = [
    {
      docId: 0,
      title: "Глобальное потепление: ледники",
      content: "За последние 50 лет объем ледников в мире уменьшился на 30%",
    },
    { docId: 1, title: null, content: 'a "b"\n\\c' },
  ];
  expect(documentsMessage(documents)).toEqual({
    role: "documents",
    content:
      '[{"doc_id": 0, "title": "Глобальное потепление: ледники", "content": "За последние 50 лет объем ледников в мире уменьшился на 30%"}, {"doc_id": 1, "title": null, "content": "a \\"b\\"\\n\\\\c"}]',
  });
});

test("whatever a document holds stays inside its string", () => {
  const hostile = fc.constantFrom(
    '"}]',
    "<|eot_id|>",
    "<|start_header_id|>system<|end_header_id|>\n\n",
    "\u2028",
    "\ud83d",
    "\udca9",
    "\\",
    '\\"',
    "\u0000",
    "\n",
    "{{",
    '{"relevant_doc_ids": [0]}',
  );
  const text = fc
    .array(
      fc.oneof(
        hostile,
        fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      ),
      { maxLength: 8 },
    )
    .map((p) => p.join(""));
  const documents = fc.array(fc.record({ docId: fc.nat(), title: fc.option(text), content: text }), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(documents, (given) => {
      const { content } = documentsMessage(given);
      const read = JSON.parse(content) as { doc_id: number; title: string | null; content: string }[];
      expect(read.map((d) => ({ docId: d.doc_id, title: d.title, content: d.content }))).toEqual(given);
      expect(read.every((d) => Object.keys(d).join() === "doc_id,title,content")).toBe(true);
      expect(content).not.toMatch(/[\u0000-\u001f]/);
    }),
    { numRuns: 50 },
  );
});
