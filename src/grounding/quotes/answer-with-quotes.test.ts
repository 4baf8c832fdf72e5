import { describe, expect, test } from "vitest";
import type { GroundedEvent } from "../../spec/grounding.ts";
import { answerWithQuotes } from "./answer-with-quotes.ts";

const DOCUMENTS = [
  { docId: 3, title: null, content: "Пушкин родился в Москве. Пушкин умер в Петербурге." },
  { docId: 4, title: null, content: "Волга впадает в Каспийское море." },
];

async function collect(events: AsyncIterable<GroundedEvent>): Promise<GroundedEvent[]> {
  const found: GroundedEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
}

describe("answerWithQuotes", () => {
  test("streams the ids, the text, and the whole", async () => {
    const [relevant, text, done] = await collect(answerWithQuotes("Куда впадает Волга?", DOCUMENTS));
    expect(relevant).toMatchObject({ type: "relevant", relevantDocIds: [4] });
    expect(text).toEqual({ type: "text", text: "1. Волга впадает в Каспийское море." });
    expect(done).toMatchObject({ type: "done", answer: { relevantDocIds: [4], usage: { promptTokens: 0 } } });
  });

  test("a follow-up that says nothing alone leans on the question before it", async () => {
    const dialogue = [
      { role: "user", content: "Где родился Пушкин?" },
      { role: "assistant", content: "В Москве." },
      { role: "user", content: "А где умер?" },
    ];
    const [relevant] = await collect(answerWithQuotes(dialogue, DOCUMENTS));
    expect(relevant).toMatchObject({ relevantDocIds: [3] });
  });

  test("an abort before the first event throws its reason", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(collect(answerWithQuotes("Волга", DOCUMENTS, { signal }))).rejects.toThrow("enough");
  });
});
