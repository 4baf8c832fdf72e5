/** What the browser keeps of conversations. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Hit } from "../api/wire.ts";
import type { Conversation } from "./conversation.ts";
import { HistoryStore, type Records } from "./history-store.ts";
import { newTurn, type Turn } from "./turn.ts";

/** localStorage, with as much room as is said. */
class MemoryRecords implements Records {
  readonly map = new Map<string, string>();
  readonly #room: number;
  constructor(room = Number.POSITIVE_INFINITY) {
    this.#room = room;
  }
  get length() {
    return this.map.size;
  }
  key(index: number) {
    return [...this.map.keys()][index] ?? null;
  }
  getItem(key: string) {
    return this.map.get(key) ?? null;
  }
  setItem(key: string, value: string) {
    const others = [...this.map].reduce((sum, [k, v]) => sum + (k === key ? 0 : v.length), 0);
    if (others + value.length > this.#room) throw new DOMException("full", "QuotaExceededError");
    this.map.set(key, value);
  }
  removeItem(key: string) {
    this.map.delete(key);
  }
}

const hit = (docId: number): Hit => ({
  doc_id: docId,
  document: `doc_${docId}`,
  source: `/a/${docId}.md`,
  title: null,
  format: "markdown",
  start: 10,
  end: 13,
  text: "abc",
  score: 1,
  rank: docId + 1,
});

const turn = (question: string, changes: Partial<Turn> = {}): Turn => ({
  ...newTurn(question, "default", 7),
  state: "done",
  text: `answer to ${question}`,
  ...changes,
});

const conversation = (id: string, updated: number, turns = [turn(id)]): Conversation => ({
  id,
  updated,
  turns,
});

test("what is saved is read again, the newest first", () => {
  const store = new HistoryStore(new MemoryRecords());
  const source = { doc_id: 1, start: 0, end: 2, file: { source: "/a/1.md", page: 2, start: 10, end: 12 } };
  const citations = [{ start: 0, end: 3, text: "ans", sources: [source] }];
  const whole = turn("q", {
    hits: [hit(1)],
    relevantIds: [1],
    relevance: { 1: 0.9 },
    citations,
    model: "nano",
  });
  store.save(conversation("old", 1, [whole]));
  store.save(conversation("new", 2));
  expect(store.list().map(({ id }) => id)).toEqual(["new", "old"]);
  expect(store.list()[1]!.turns).toEqual([whole]);
});

test("of what was read, only what the answer needs is kept", () => {
  const store = new HistoryStore(new MemoryRecords());
  const hits = [0, 1, 2, 3, 4].map(hit);
  store.save(conversation("a", 1, [turn("answered", { hits, relevantIds: [3], relevance: { 3: 0.9 } })]));
  store.save(conversation("b", 2, [turn("refused", { hits, relevance: { 4: 0.4, 0: 0.3, 2: 0.2 } })]));
  const [b, a] = store.list().map(({ turns }) => turns[0]!.hits.map(({ doc_id }) => doc_id));
  expect(a).toEqual([3]);
  expect(b).toEqual([0, 2, 4]);
});

test("whatever stands in the records, the others are read, and it can be saved beside", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.json()), { maxLength: 5 }), (damaged) => {
      const records = new MemoryRecords();
      const store = new HistoryStore(records);
      store.save(conversation("whole", 1));
      for (const [i, text] of damaged.entries()) records.setItem(`vikhr.conversation.x${i}`, text);
      expect(store.list().map(({ id }) => id)).toEqual(["whole"]);
      expect(store.save(conversation("second", 2))).toBe(true);
      expect(store.list().map(({ id }) => id)).toEqual(["second", "whole"]);
    }),
  );
});

test("a record that is half damaged gives what is whole in it", () => {
  const records = new MemoryRecords();
  const store = new HistoryStore(records);
  store.save(conversation("a", 1, [turn("first"), turn("second", { hits: [hit(0)], relevantIds: [0] })]));
  const json = JSON.parse(records.getItem("vikhr.conversation.a")!);
  json.turns[0].text = 5;
  json.turns[1].hits[0].start = "x";
  json.turns[1].relevance = [null];
  records.setItem("vikhr.conversation.a", JSON.stringify(json));
  expect(store.list()[0]!.turns).toMatchObject([{ question: "second", hits: [], relevance: {} }]);
});

test("an answer that was under way when the page was closed is a broken one", () => {
  const store = new HistoryStore(new MemoryRecords());
  store.save(conversation("a", 1, [turn("q", { state: "answering" })]));
  expect(store.list()[0]!.turns[0]!.state).toBe("broken");
});

test("never more than its bounds; what was saved last is always there", () => {
  // The question stands in the answer as well: of 3000 there is no room.
  const sizes = fc.array(fc.constantFrom(0, 300, 1000, 2500, 3000), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(sizes, (lengths) => {
      const records = new MemoryRecords();
      const store = new HistoryStore(records, { conversations: 5, characters: 6000 });
      for (const [i, length] of lengths.entries()) {
        expect(store.save(conversation(`c${i}`, i, [turn("x".repeat(length))]))).toBe(length < 3000);
        if (length < 3000) expect(store.list()[0]!.id).toBe(`c${i}`);
        expect(records.length).toBeLessThanOrEqual(5);
        expect([...records.map.values()].join("").length).toBeLessThanOrEqual(6000);
      }
    }),
  );
});

test("where the browser has less room, the oldest go", () => {
  const records = new MemoryRecords(2500);
  const store = new HistoryStore(records);
  for (let i = 0; i < 10; i++)
    expect(store.save(conversation(`c${i}`, i, [turn("x".repeat(300))]))).toBe(true);
  expect(store.list()[0]!.id).toBe("c9");
  expect(store.list().length).toBeLessThan(10);
  expect(store.save(conversation("large", 11, [turn("x".repeat(3000))]))).toBe(false);
});

test("other things in localStorage are left alone", () => {
  const records = new MemoryRecords();
  records.setItem("other", "1");
  const store = new HistoryStore(records);
  store.save(conversation("a", 1));
  store.clear();
  expect([...records.map.keys()]).toEqual(["other"]);
});
