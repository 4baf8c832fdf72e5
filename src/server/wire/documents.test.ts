import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkDocuments } from "../../grounding/parse-documents.ts";
import { pythonJson } from "../../util/python-json.ts";
import { RequestError } from "../openai-error.ts";
import { type ClientDocuments, readDocuments, readDocumentsMessage } from "./documents.ts";

function refusal(read: () => unknown): { message: string; param: string | null } {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(RequestError);
    const { message, param, status } = error as RequestError;
    expect(status).toBe(400);
    return { message, param };
  }
  throw new Error("it was not refused");
}

const sentence = fc.constantFrom(
  "Лёд тает.",
  "Sea rises. ",
  "\n\n",
  "# Глава\n",
  "- пункт\n",
  "😀",
  "<b>x</b>",
  "слово ",
);
const shortText = fc.array(sentence, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(""));
const longText = fc
  .array(sentence, { minLength: 700, maxLength: 2000 })
  .map((parts) => `Начало ${parts.join("")}`);
const title = fc.option(fc.string({ maxLength: 20 }));

/** Every place in what is asked is the same text in what the client gave, and all documents lead somewhere. */
function expectFaithful({ given, documents, documentOf, placeOf }: ClientDocuments): void {
  checkDocuments(documents);
  expect(documents.map(({ docId }) => docId)).toEqual([...documents.keys()]);
  for (const { docId, content } of documents) {
    expect(given).toContain(documentOf(docId));
    const middle = Math.floor(content.length / 2);
    for (const [start, end] of [
      [0, content.length],
      [middle, content.length],
      [middle, middle + 1],
    ] as const) {
      const place = placeOf({ docId, start, end });
      expect(place.document).toBe(documentOf(docId));
      if (end <= content.length)
        expect(place.document.content.slice(place.start, place.end)).toBe(content.slice(start, end));
    }
  }
}

describe("readDocuments", () => {
  test("equal documents in any of the shapes are equal to whoever answers", () => {
    const row = fc.record({ title, content: shortText });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 8 }), (rows) => {
        const vikhr = rows.map((each, i) => ({ doc_id: 10 * i + 3, ...each }));
        const read = readDocuments(vikhr);
        expectFaithful(read);
        expect(read.documents).toEqual(rows.map((each, docId) => ({ docId, ...each })));
        expect(read.documents.map(({ docId }) => read.documentOf(docId).id)).toEqual(
          vikhr.map((each) => each.doc_id),
        );
        for (const others of [
          readDocumentsMessage(pythonJson(vikhr), "messages[0].content"),
          readDocuments(
            rows.map(({ title, content }, i) => ({ id: `№${i}`, data: { title, text: content } })),
          ),
          readDocuments(rows.map(({ title, content }) => ({ data: { snippet: content, title } }))),
          readDocuments(rows.map(({ title, content }) => ({ title, text: content }))),
          readDocuments(rows.map(({ title, content }) => ({ title, contents: content }))),
        ])
          expect(others.documents).toEqual(read.documents);
        const untitled = readDocuments(rows.map(({ content }) => content)).documents;
        expect(untitled).toEqual(read.documents.map((document) => ({ ...document, title: null })));
      }),
    );
  });

  test("long ones are cut, and every place leads back", () => {
    const text = fc.oneof(
      shortText,
      longText,
      longText.map((long) => `<p>${long}</p>`),
    );
    const row = fc.record({ title, content: text });
    fc.assert(
      fc.property(
        fc.uniqueArray(row, { minLength: 1, maxLength: 3, selector: (each) => each.content }),
        (rows) => {
          const read = readDocuments(rows.map((each, i) => ({ doc_id: `id ${i}`, ...each })));
          expectFaithful(read);
          expect(read.given.map(({ content }) => content)).toEqual(rows.map(({ content }) => content));
          // Nothing but white space is lost.
          const written = (all: string) => all.replace(/\s/g, "");
          for (const document of read.given) {
            const own = read.documents.filter(({ docId }) => read.documentOf(docId) === document);
            expect(written(own.map(({ content }) => content).join(""))).toBe(written(document.content));
            if (document.content.length > 4000) expect(own.length).toBeGreaterThan(1);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test("ids are the client's, or places in the list", () => {
    const ids = (documents: unknown) => readDocuments(documents).given.map(({ id }) => id);
    expect(
      ids([
        { doc_id: 5, content: "a" },
        { doc_id: "5", content: "a" },
      ]),
    ).toEqual([5, "5"]);
    expect(ids(["a", { id: "x", data: "b" }, { data: { text: "c" } }])).toEqual(["doc:0", "x", "doc:2"]);
    expect(ids([{ title: "t", text: "a" }, { text: "b" }])).toEqual([0, 1]);
    expect(
      ids([
        { id: "__proto__", text: "a" },
        { id: "constructor", text: "b" },
      ]),
    ).toEqual(["__proto__", "constructor"]);
  });

  test("Cohere's other fields are lines behind the text", () => {
    const data = { author: "Иван", title: "T", text: "Лёд.", year: 2024, tags: ["a", { b: null }] };
    const { documents, given } = readDocuments([{ data }, { data: { price: 10 } }]);
    expect(documents[0]).toEqual({
      docId: 0,
      title: "T",
      content: 'Лёд.\nauthor: Иван\nyear: 2024\ntags: ["a",{"b":null}]',
    });
    expect(documents[1]!.content).toBe("price: 10");
    expect(given[0]!.fields).toEqual(data);
  });

  test.each<[unknown, string, RegExp]>([
    [undefined, "documents", /must be an array/],
    [{ doc_id: 0, content: "a" }, "documents", /must be an array/],
    ["[]", "documents", /must be an array/],
    [[], "documents", /no documents/],
    [["a", null], "documents[1]", /must be an object or a string/],
    [["a", 7], "documents[1]", /must be an object or a string/],
    [[["a"]], "documents[0]", /must be an object or a string/],
    [[{ doc_id: 0 }], "documents[0].content", /is missing/],
    [[{ doc_id: 0, content: null }], "documents[0].content", /must be a string/],
    [[{ text: ["a"] }], "documents[0].text", /must be a string/],
    [[{ doc_id: 0.5, content: "a" }], "documents[0].doc_id", /whole number from 0, or a string/],
    [[{ doc_id: -1, content: "a" }], "documents[0].doc_id", /whole number/],
    [[{ doc_id: null, content: "a" }], "documents[0].doc_id", /whole number/],
    [[{ id: "", text: "a" }], "documents[0].id", /whole number from 0, or a string/],
    [[{ title: 1, text: "a" }], "documents[0].title", /must be a string or null/],
    [[{ title: "я".repeat(4001), text: "a" }], "documents[0].title", /has 4001 characters/],
    [[{ data: 5 }], "documents[0].data", /must be an object or a string/],
    [[{ data: {} }], "documents[0].data", /has no text/],
    [[{ data: { title: [] } }], "documents[0].data.title", /must be a string or null/],
    [[{ id: {}, data: "a" }], "documents[0].id", /whole number/],
    [
      [{ doc_id: 3, content: "a" }, "b", { doc_id: 3, content: "c" }],
      "documents[2]",
      /id 3, which documents\[0\] has/,
    ],
    [["a", { id: "doc:0", data: "b" }], "documents[1]", /id doc:0, which documents\[0\] has/],
    [[" ".repeat(5000)], "documents", /hold no text/],
    [Array(3), "documents[0]", /must be an object or a string/],
    [Array.from({ length: 10_000 }, () => "a"), "documents", /10000 documents, and 1000 are allowed/],
  ])("%# is refused with its place: %s", (documents, param, message) => {
    const told = refusal(() => readDocuments(documents));
    expect(told.param).toBe(param);
    expect(told.message).toMatch(message);
    expect(told.message).toContain(param);
  });

  test.each([
    '{"doc_id": 0, "title": null, "content": "a"}',
    "[{]",
    '[{"doc_id": NaN, "content": "a"}]',
    "",
    "\u0000",
  ])("a message %j is refused with its place", (content) => {
    const { param, message } = refusal(() => readDocumentsMessage(content, "messages[1].content"));
    expect(param).toBe("messages[1].content");
    expect(message).toMatch(/must be/);
    expect(message).not.toMatch(/\p{Cc}/u);
  });

  test("whatever comes is read, or refused with a place", () => {
    const names = [
      "doc_id",
      "id",
      "title",
      "content",
      "text",
      "contents",
      "snippet",
      "data",
      "__proto__",
      "url",
    ];
    const field = fc.oneof(
      fc.constantFrom("a", "", 0, 1, null),
      fc.anything({ withBigInt: true, withNullPrototype: true }),
    );
    const fields = fc.dictionary(fc.constantFrom(...names), field);
    const document = fc.oneof(
      fc.string(),
      fc.record({ doc_id: fc.nat(), content: fc.string() }),
      fields,
      fc.record({ id: field, data: fields }),
      fc.anything(),
    );
    let [read, refused] = [0, 0];
    const attempt = (documents: () => ClientDocuments) => {
      try {
        expectFaithful(documents());
        read++;
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        expect(error.param).toMatch(/^(documents|messages)/);
        refused++;
      }
    };
    fc.assert(
      fc.property(
        fc.oneof(fc.array(document, { maxLength: 3 }), fc.anything()),
        fc.json(),
        (documents, json) => {
          attempt(() => readDocuments(documents));
          attempt(() => readDocumentsMessage(json, "messages[0].content"));
        },
      ),
      { numRuns: 1000 },
    );
    expect(Math.min(read, refused)).toBeGreaterThan(30);
  });

  test("what JSON nests without end is refused", () => {
    const nested = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
    expect(refusal(() => readDocuments([{ data: { text: "a", nested } }])).param).toBe(
      "documents[0].data.nested",
    );
    expect(refusal(() => readDocuments(nested)).param).toBe("documents[0]");
  });
});
