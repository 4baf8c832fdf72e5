import { beforeEach, describe, expect, test } from "vitest";
import { chunkDocument } from "../chunking/chunk-document.ts";
import { answerWithQuotes } from "../grounding/quotes/answer-with-quotes.ts";
import { MemoryIndex } from "../index/memory-index.ts";
import type { Message } from "../spec/message.ts";
import { fakeLanguageModel } from "../testing/fake-language-model.ts";
import { answerFromCorpus, type CorpusAnswer, type CorpusOptions, referenceOf } from "./answer.ts";
import { standaloneQuestion } from "./standalone-question.ts";

const TEXTS: Record<string, string> = {
  "/ice.md": "# Ледники\n\nОбщие слова.\n\n## Аккем\n\nЛедник Аккем отступает на 12 метров в год.\n",
  "/sea.md": "# Sea\n\nThe sea level at Port Arden rose by 9 centimetres.\n",
};

let index: MemoryIndex;
beforeEach(async () => {
  index = new MemoryIndex();
  for (const [source, text] of Object.entries(TEXTS)) {
    const document = { source, title: null, format: "markdown" as const, text };
    await index.replace([
      { document: { ...document, hash: "", modified: 0, addedAs: source }, chunks: chunkDocument(document) },
    ]);
  }
});

async function ask(question: string | Message[], options: CorpusOptions = {}): Promise<CorpusAnswer> {
  let text = "";
  for await (const event of answerFromCorpus(index, answerWithQuotes, question, options))
    if (event.type === "text") text += event.text;
    else if (event.type === "done") {
      expect(event.answer.answer).toBe(text);
      return event.answer;
    }
  throw new Error("no end");
}

describe("answerFromCorpus", () => {
  test("every citation leads to characters of its file", async () => {
    const answer = await ask("На сколько отступает ледник Аккем?");
    expect(answer.outcome).toBe("answered");
    const places = answer.citations.flatMap(({ text, sources }) =>
      sources.map((source) => {
        const { source: file, start, end } = referenceOf(source, answer.hits);
        expect(TEXTS[file]!.slice(start, end)).toBe(text);
        return file;
      }),
    );
    expect(places).toEqual(["/ice.md"]);
  });

  test("what was not found, and what was found and is no answer, are told apart", async () => {
    expect(await ask("Кварковая звезда?")).toMatchObject({ outcome: "nothing-found", relevantDocIds: [] });
    const weak = await ask("Кто построил первый ледник из стекла и бетона в Самарканде?");
    expect(weak).toMatchObject({ outcome: "nothing-relevant", relevantDocIds: [], citations: [] });
    expect(weak.answer).toMatch(/нет ответа/);
  });

  test("a filter keeps the rest out", async () => {
    const filter = { pathPrefix: "/sea.txt" };
    expect((await ask("На сколько отступает ледник Аккем?", { filter })).outcome).toBe("nothing-found");
  });

  test("a follow-up question is searched for with the one before", async () => {
    const answer = await ask([
      { role: "user", content: "На сколько отступает ледник Аккем?" },
      { role: "assistant", content: "На 12 метров." },
      { role: "user", content: "Почему?" },
    ]);
    expect(answer.query).toBe("На сколько отступает ледник Аккем? Почему?");
    expect(answer.hits[0]!.chunk.source).toBe("/ice.md");
  });
});

describe("standaloneQuestion", () => {
  const dialogue = [
    { role: "user", content: "Who built the harbour of Port Arden?" },
    { role: "assistant", content: "The Royal Company." },
    { role: "user", content: "And when?" },
  ];

  test("one question stands as it is, and a full one after another", async () => {
    expect(await standaloneQuestion([dialogue[0]!])).toBe(dialogue[0]!.content);
    const full = { role: "user", content: "How deep is the northern basin of Lake Vesper?" };
    expect(await standaloneQuestion([...dialogue.slice(0, 2), full])).toBe(full.content);
  });

  test("of several follow-ups each leans on the question that stands alone, not on the one before it", async () => {
    const later = ["thanks", "And the lighthouse?"].map((content) => ({ role: "user", content }));
    expect(await standaloneQuestion([...dialogue, ...later])).toBe(
      "Who built the harbour of Port Arden? And the lighthouse?",
    );
    const vague = ["And?", "thanks", "And when?"].map((content) => ({ role: "user", content }));
    expect(await standaloneQuestion(vague)).toBe("And? And when?");
  });

  test("a model rewrites; its first line counts, and where it says nothing words are lent", async () => {
    const rewritten = "When was the harbour of Port Arden built?";
    const model = fakeLanguageModel({ replies: [`${rewritten}\nBecause ...`] });
    expect(await standaloneQuestion(dialogue, { model })).toBe(rewritten);
    const silent = fakeLanguageModel({ replies: [" \n"] });
    expect(await standaloneQuestion(dialogue, { model: silent })).toBe(
      "Who built the harbour of Port Arden? And when?",
    );
  });
});
