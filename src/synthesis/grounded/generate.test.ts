/** The generator's promises: same seed same rows, disjoint splits, exact protocol, answers that the documents hold. */
import { describe, expect, test } from "vitest";
import { GROUNDED_SYSTEM_PROMPT } from "../../spec/grounding.ts";
import { pythonJson } from "../../util/python-json.ts";
import { generateDialogues, PACKS } from "./generate.ts";
import type { GroundedOptions } from "./options.ts";
import type { GroundedRow } from "./row.ts";
import { holdsWord, normalise, scoreGroundedAnswer } from "./score.ts";

function take(count: number, options: GroundedOptions = {}): GroundedRow[] {
  const rows: GroundedRow[] = [];
  for (const row of generateDialogues(options)) if (rows.push(row) >= count) break;
  return rows;
}

interface Shown {
  doc_id: number;
  title: string | null;
  content: string;
}

function documentsOf(row: GroundedRow): Shown[] {
  return JSON.parse(row.messages[1]!.content);
}

const rows = take(600, {
  seed: 5,
  kinds: {
    single: 3,
    "yes-no": 2,
    "two-entities": 2,
    "two-documents": 2,
    topic: 2,
    "entity-absent": 2,
    "attribute-absent": 3,
  },
});

describe("rows", () => {
  test("the same options give the same rows, another seed gives others", () => {
    expect(take(200, { seed: 7 })).toEqual(take(200, { seed: 7 }));
    expect(take(50, { seed: 8 })).not.toEqual(take(50, { seed: 7 }));
  });

  test("hold the protocol exactly", () => {
    for (const row of rows) {
      const [system, documents, user, ids, answer] = row.messages;
      expect(row.messages.map((message) => message.role)).toEqual([
        "system",
        "documents",
        "user",
        "assistant",
        "assistant",
      ]);
      expect(system!.content).toBe(GROUNDED_SYSTEM_PROMPT);
      expect(documents!.content).toBe(pythonJson(JSON.parse(documents!.content)));
      expect(documentsOf(row).map((document) => document.doc_id)).toEqual([
        ...Array(row.document_count).keys(),
      ]);
      expect(ids!.content).toBe(`{"relevant_doc_ids": [${row.relevant_doc_ids.join(", ")}]}`);
      expect(row.relevant_doc_ids).toEqual([...row.relevant_doc_ids].sort((a, b) => a - b));
      expect(answer!.content).toMatch(/^[\p{Lu}\d«].*[.»]$/u);
      expect(user!.content).not.toMatch(/[{}]|undefined|null|\s{2}/);
      expect(documents!.content).not.toMatch(/\{[a-z]|\|[а-я]|undefined|\.\./);
    }
  });

  test("share documents, and documents only, within a cluster", () => {
    const byCluster = new Map<string, string>();
    for (const row of rows) {
      const seen = byCluster.get(row.cluster) ?? row.messages[1]!.content;
      expect(row.messages[1]!.content).toBe(seen);
      byCluster.set(row.cluster, seen);
    }
    expect(rows.length / byCluster.size).toBeGreaterThan(3);
  });

  test("cover every kind in both languages", () => {
    expect(new Set(rows.map((row) => `${row.kind} ${row.language}`)).size).toBe(14);
  });

  test("state every value in its relevant documents, and the answer scores as right", () => {
    for (const row of rows) {
      const relevant = documentsOf(row).filter((document) => row.relevant_doc_ids.includes(document.doc_id));
      const text = normalise(relevant.map((document) => document.content).join(" "));
      for (const forms of row.value_forms)
        expect(forms.some((form) => holdsWord(text, normalise(form)))).toBe(true);
      const score = scoreGroundedAnswer(row, {
        relevantDocIds: row.relevant_doc_ids,
        answer: row.messages[4]!.content,
      });
      expect(score.right, row.messages.map((message) => message.content).join("\n")).toBe(true);
      expect(score.refusalText && score.answerable && row.polarity !== "no").toBe(false);
    }
  });

  test("carry auxiliary targets where they are asked to, in the same texts", () => {
    const options = { seed: 11, questions: [4, 5] as const };
    const plain = take(300, options);
    for (const [i, { targets, ...row }] of take(300, { ...options, targets: true }).entries()) {
      expect(row).toEqual(plain[i]);
      if (row.kind === "chat") continue;
      const spans = targets!.map((target) => ({
        ...target,
        text: row.messages[target.message]!.content.slice(target.start, target.end),
      }));
      const documents = documentsOf(row);
      const stated = spans.filter(({ message }) => message === 4);
      expect([...new Set(stated.map(({ label }) => Number(label)))].sort()).toEqual(row.relevant_doc_ids);
      for (const { text } of stated) expect(text).toMatch(/^ ?\S.*\.$/);
      const whole = spans.filter(({ message, text }) => message === 1 && text.length > 1);
      expect(whole.map(({ label }) => label)).toEqual(documents.map(({ doc_id }) => String(doc_id)));
      for (const { label, text } of whole)
        expect(text).toContain(pythonJson(documents[Number(label)]!.content));
      const inQuestion = spans.filter(({ message }) => message === 2).map(({ label }) => label);
      for (const label of inQuestion.filter((name) => /^\d$/.test(name)))
        if (row.kind !== "attribute-absent") expect(row.relevant_doc_ids).toContain(Number(label));
      expect(inQuestion.includes("!")).toBe(row.kind === "entity-absent");
      // Of the statement that answers and of the question.
      if (row.kind === "single")
        expect(spans.filter(({ label }) => label === inQuestion.at(-1)).length).toBeGreaterThan(1);
    }
  });

  test("repeat names where they are asked to", () => {
    for (const { messages, kind } of take(100, { kinds: { repeat: 1 } })) {
      const [request, answer] = messages.map(({ content }) => content);
      expect([kind, messages.length]).toEqual(["repeat", 2]);
      expect(request!.endsWith(`: ${answer}`)).toBe(true);
      expect(answer!.split(", ").length).toBeGreaterThan(2);
    }
  });

  test("weigh the ids as they are asked to", () => {
    for (const { messages } of take(50, { idsWeight: 4, kinds: { single: 1 } }))
      expect(messages.map(({ weight }) => weight)).toEqual([undefined, undefined, undefined, 4, undefined]);
  });

  test("end with the ids where they are asked to", () => {
    const count = (answerProbability: number) =>
      take(200, { answerProbability, kinds: { single: 1 } }).filter((row) => row.messages.length === 5)
        .length;
    expect(count(0)).toBe(0);
    expect(count(1)).toBe(200);
    expect(count(0.5)).toBeGreaterThan(60);
    expect(count(0.5)).toBeLessThan(140);
  });
});

describe("scores", () => {
  test("tell wrong ids, wrong values and refusals apart", () => {
    const row = rows.find((r) => r.kind === "single" && r.document_count > 2)!;
    const answer = row.messages[4]!.content;
    expect(scoreGroundedAnswer(row, { relevantDocIds: [], answer })).toMatchObject({
      refused: true,
      idsExact: false,
      right: false,
    });
    expect(scoreGroundedAnswer(row, { relevantDocIds: row.relevant_doc_ids, answer: "?" }).valueRight).toBe(
      false,
    );
    expect(scoreGroundedAnswer(row, { relevantDocIds: row.relevant_doc_ids, answer }).chance).toBe(
      1 / row.document_count,
    );
    expect(holdsWord("в 1234 году", "12")).toBe(false);
    expect(normalise("22 900 жителей, ещё «Верол»")).toBe('22900 жителей, еще "верол"');
  });
});

test("both languages know the same types and attributes", () => {
  const shape = PACKS.map(({ types }) =>
    types.map(({ id, attributes }) => [id, attributes.map((a) => a.id).sort()]),
  );
  expect(shape[0]).toEqual(shape[1]);
});
