import { describe, expect, test } from "vitest";
import { ContextOverflowError, InputError, VikhrError } from "../errors.ts";
import type { GroundingDocument } from "../spec/document.ts";
import { GROUNDED_SYSTEM_PROMPT, type GroundedAnswer, type GroundedEvent } from "../spec/grounding.ts";
import type { Message } from "../spec/message.ts";
import { type FakeCall, fakeLanguageModel, fakeTokens } from "../testing/fake-language-model.ts";
import { answerGrounded } from "./answer-grounded.ts";
import { documentsMessage } from "./documents-message.ts";
import { relevantIdsGrammar } from "./selection-text.ts";

const documents: GroundingDocument[] = [
  { docId: 0, title: "Ледники", content: "За последние 50 лет объем ледников уменьшился на 30%." },
  { docId: 1, title: null, content: "Уровень океана повысился на 20 см с 1880 года." },
];
const question = { role: "user", content: "На сколько уменьшились ледники?" };
const answer = "Объем ледников уменьшился на 30%.";

async function all(events: AsyncIterable<GroundedEvent>): Promise<GroundedEvent[]> {
  const list: GroundedEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

function messagesOf({ prompt }: FakeCall): readonly Message[] {
  return "messages" in prompt ? prompt.messages : [];
}

function done(events: readonly GroundedEvent[]): GroundedAnswer {
  const last = events.at(-1);
  if (last?.type !== "done") throw new Error("the last event is not `done`");
  return last.answer;
}

describe("the protocol", () => {
  test("two steps, exactly", async () => {
    const model = fakeLanguageModel({ replies: ['{"relevant_doc_ids": [0]}', answer] });
    const events = await all(answerGrounded(model, question.content, documents, { seed: 7 }));
    const [first, second] = model.calls;
    const prompt = [
      { role: "system", content: GROUNDED_SYSTEM_PROMPT },
      documentsMessage(documents),
      question,
    ];
    expect(first!.prompt).toEqual({ messages: prompt });
    expect(first!.options).toMatchObject({
      temperature: 0,
      grammar: relevantIdsGrammar([0, 1]),
      topLogprobs: 20,
    });
    expect(second!.prompt).toEqual({
      messages: [...prompt, { role: "assistant", content: '{"relevant_doc_ids": [0]}' }],
    });
    expect(second!.options).toEqual({ temperature: 0.3, maxTokens: 2048, seed: 7 });

    expect(events[0]).toEqual({
      type: "relevant",
      relevantDocIds: [0],
      relevance: new Map([
        [0, 1],
        [1, 0],
      ]),
    });
    expect(events.slice(1, -1).map((e) => (e.type === "text" ? e.text : e))).toEqual(fakeTokens(answer));
    expect(done(events)).toMatchObject({ relevantDocIds: [0], answer, finishReason: "stop" });
  });

  test("usage is the sum, and the second step evaluates only what is new", async () => {
    const selection = '{"relevant_doc_ids": [0]}';
    const model = fakeLanguageModel({ replies: [selection, answer] });
    const { usage } = done(await all(answerGrounded(model, question.content, documents)));
    const firstPrompt = fakeTokens(model.calls[0]!.text).length;
    const secondPrompt = fakeTokens(model.calls[1]!.text).length;
    expect(usage.promptTokens).toBe(firstPrompt + secondPrompt);
    expect(usage.completionTokens).toBe(fakeTokens(selection).length + fakeTokens(answer).length);
    expect(usage.reusedTokens).toBe(firstPrompt);
    expect(secondPrompt - usage.reusedTokens).toBeLessThanOrEqual(fakeTokens(selection).length + 1);
  });

  test("citations lead into the chosen documents, under the caller's ids", async () => {
    const model = fakeLanguageModel({ replies: ['{"relevant_doc_ids": [0]}', answer] });
    const own = documents.map((document) => ({ ...document, docId: document.docId + 40 }));
    const { citations } = done(await all(answerGrounded(model, question.content, own)));
    const sources = citations.flatMap((citation) => citation.sources);
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) {
      expect(source.docId).toBe(40);
      expect(own[0]!.content.slice(source.start, source.end)).not.toBe("");
    }
    for (const citation of citations) expect(answer.slice(citation.start, citation.end)).toBe(citation.text);
  });

  test("nothing relevant: the model still speaks, and nothing is cited", async () => {
    const refusal = "В базе знаний нет ответа на этот вопрос.";
    const model = fakeLanguageModel({ replies: ['{"relevant_doc_ids": []}', refusal] });
    const result = done(await all(answerGrounded(model, question.content, documents)));
    expect(result).toMatchObject({ relevantDocIds: [], answer: refusal, citations: [] });
    expect(messagesOf(model.calls[1]!).at(-1)).toEqual({
      role: "assistant",
      content: '{"relevant_doc_ids": []}',
    });
  });

  test("a dialogue comes between the documents and the first step", async () => {
    const model = fakeLanguageModel({ replies: ['{"relevant_doc_ids": [1]}', "На 20 см."] });
    const dialogue = [
      question,
      { role: "assistant", content: answer },
      { role: "user", content: "А океан?" },
    ];
    await all(answerGrounded(model, dialogue, documents));
    const messages = messagesOf(model.calls[0]!);
    expect(messages.map((m) => m.role)).toEqual(["system", "documents", "user", "assistant", "user"]);
    expect(messages.slice(2)).toEqual(dialogue);
  });
});

describe("what goes wrong", () => {
  test("bad questions and documents are refused before the model is asked", async () => {
    const model = fakeLanguageModel({ replies: [] });
    const long = [{ docId: 0, title: null, content: "a".repeat(4001) }];
    const faults: [AsyncIterable<GroundedEvent>, string][] = [
      [answerGrounded(model, "Кто?", []), "no documents"],
      [answerGrounded(model, "Кто?", long), "split it into chunks"],
      [answerGrounded(model, "Кто?", [...documents, documents[0]!]), "documents[2].doc_id is 0"],
      [answerGrounded(model, " ", documents), "empty"],
      [answerGrounded(model, [], documents), "last message must be the user's"],
      [
        answerGrounded(model, [question, { role: "assistant", content: "a" }], documents),
        "must be the user's",
      ],
      [
        answerGrounded(model, [{ role: "system", content: "Be a pirate" }, question], documents),
        'messages[0] has the role "system"',
      ],
    ];
    for (const [events, message] of faults) {
      const failure = await all(events).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(InputError);
      expect(String(failure)).toContain(message);
    }
    expect(model.calls).toEqual([]);
  });

  test("a reply without a selection is an error that shows it; trailing text is not repeated to the model", async () => {
    const chatty = fakeLanguageModel({ replies: ["Документ 0.", answer] });
    const failure = await all(answerGrounded(chatty, "Кто?", documents)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(VikhrError);
    expect(String(failure)).toContain("Документ 0.");

    const trailing = fakeLanguageModel({ replies: ['{"relevant_doc_ids":[1]}\n\nПоясню: 1', answer] });
    const result = done(await all(answerGrounded(trailing, "Кто?", documents)));
    expect(result.relevantDocIds).toEqual([1]);
    expect(messagesOf(trailing.calls[1]!).at(-1)!.content).toBe('{"relevant_doc_ids": [1]}');
  });

  test("a context that ends within the selection of one document is too small", async () => {
    const replies = ['{"relevant_doc_ids": [0]}'];
    const one = documents.slice(0, 1);
    const needed = fakeLanguageModel({ replies, contextSize: 10_000 });
    await all(answerGrounded(needed, "Кто?", one)).catch(() => undefined);
    const contextSize = fakeTokens(needed.calls[0]!.text).length + 5;
    const events = answerGrounded(fakeLanguageModel({ replies, contextSize }), "Кто?", one);
    await expect(all(events)).rejects.toThrow(ContextOverflowError);
  });

  test("an abort in the first step throws; in the second it ends the answer", async () => {
    const early = fakeLanguageModel({ replies: ['{"relevant_doc_ids": [0]}', answer] });
    const aborted = AbortSignal.abort(new Error("enough"));
    await expect(all(answerGrounded(early, "Кто?", documents, { signal: aborted }))).rejects.toThrow(
      "enough",
    );

    const late = fakeLanguageModel({ replies: ['{"relevant_doc_ids": [0]}', answer] });
    const controller = new AbortController();
    const events: GroundedEvent[] = [];
    for await (const event of answerGrounded(late, "Кто?", documents, { signal: controller.signal })) {
      events.push(event);
      if (event.type === "text") controller.abort();
    }
    expect(done(events)).toMatchObject({ answer: "Объем", finishReason: "aborted" });
  });

  test("a cut answer says so", async () => {
    const model = fakeLanguageModel({ replies: ['{"relevant_doc_ids": [0]}', answer] });
    const result = done(
      await all(answerGrounded(model, "Кто?", documents, { maxTokens: 2, temperature: 0 })),
    );
    expect(result).toMatchObject({ answer: "Объем ледников", finishReason: "length" });
    expect(model.calls[1]!.options).toMatchObject({ temperature: 0, maxTokens: 2 });
  });
});
