import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { GroundingDocument } from "../spec/document.ts";
import type { LanguageModel, Prompt } from "../spec/language-model.ts";
import { fakeLanguageModel } from "../testing/fake-language-model.ts";
import { selectAmongMany } from "./select-among-many.ts";
import { spellSelection } from "./selection-text.ts";

const dialogue = [{ role: "user", content: "Что тает?" }];

interface Row {
  doc_id: number;
  content: string;
}

function shownTo({ prompt }: { prompt: Prompt }): Row[] {
  if (!("messages" in prompt)) throw new Error("messages were expected");
  return JSON.parse(prompt.messages[1]!.content) as Row[];
}

/** Finds the documents that say "тает"; all of them, in every group. */
function honestModel() {
  return fakeLanguageModel({
    replies: (call) => {
      const found = shownTo(call).filter((row) => row.content.startsWith("тает"));
      return spellSelection(found.map((row) => row.doc_id).sort((a, b) => a - b));
    },
  });
}

function documentsOf(relevant: readonly boolean[], ids?: readonly number[]): GroundingDocument[] {
  return relevant.map((yes, i) => ({
    docId: ids?.[i] ?? i,
    title: null,
    content: `${yes ? "тает" : "нет"} ${i}`,
  }));
}

describe("how documents are shown", () => {
  test("up to six with ids 0..5: as they are, in the order given", async () => {
    const model = honestModel();
    const selection = await selectAmongMany(model, dialogue, documentsOf([true, false, true], [5, 0, 3]));
    expect(model.calls).toHaveLength(1);
    expect(shownTo(model.calls[0]!).map((row) => row.doc_id)).toEqual([5, 0, 3]);
    expect(selection.relevantDocIds).toEqual([3, 5]);
    expect(selection.messages.at(-1)).toEqual({ role: "assistant", content: '{"relevant_doc_ids": [3, 5]}' });
  });

  test("other ids become 0, 1, 2 for the model, and come back", async () => {
    const model = honestModel();
    const selection = await selectAmongMany(model, dialogue, documentsOf([true, false, true], [77, 0, 12]));
    expect(shownTo(model.calls[0]!).map((row) => row.doc_id)).toEqual([0, 1, 2]);
    expect(selection.relevantDocIds).toEqual([12, 77]);
    expect([...selection.relevance.keys()]).toEqual([77, 0, 12]);
    expect(selection.messages.at(-1)!.content).toBe('{"relevant_doc_ids": [0, 2]}');
  });
});

test("documents that do not fit the context together are decided in smaller groups", async () => {
  const answers = {
    replies: (call: { prompt: Prompt }) =>
      spellSelection(
        shownTo(call)
          .filter((row) => row.content.startsWith("тает"))
          .map((row) => row.doc_id),
      ),
  };
  const long = documentsOf([true, false, false, true, false, true, false]).map((document) => ({
    ...document,
    content: `${document.content} ${"x ".repeat(300)}`,
  }));
  const whole = await selectAmongMany(
    fakeLanguageModel({ ...answers, contextSize: 100_000 }),
    dialogue,
    long,
  );
  for (const contextSize of [1000, 1600, 2200, 4000]) {
    const model = fakeLanguageModel({ ...answers, contextSize });
    const selection = await selectAmongMany(model, dialogue, long);
    expect(selection.relevantDocIds.every((id) => whole.relevantDocIds.includes(id))).toBe(true);
    expect(selection.relevantDocIds.length).toBeGreaterThan(0);
  }
  const tiny = fakeLanguageModel({ ...answers, contextSize: 300 });
  await expect(selectAmongMany(tiny, dialogue, long)).rejects.toThrow(/context/);
});

test("any number of documents: small groups, in order, few prompts, and the right winners", async () => {
  const flags = fc.array(fc.boolean(), { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(
      flags,
      fc.uniqueArray(fc.nat(), { minLength: 60, maxLength: 60 }),
      async (relevant, ids) => {
        const model = honestModel();
        const documents = documentsOf(relevant, ids);
        const wanted = documents.filter((d) => d.content.startsWith("тает")).map((d) => d.docId);
        const { relevantDocIds, relevance } = await selectAmongMany(model, dialogue, documents);
        const n = documents.length;
        expect(model.calls.length).toBeLessThanOrEqual(Math.ceil(n / 3) + Math.ceil(Math.log2(n + 1)) + 1);
        const places = model.calls.map((call) =>
          shownTo(call).map((row) => Number(row.content.split(" ")[1])),
        );
        for (const group of places) {
          expect(group.length).toBeLessThanOrEqual(6);
          expect(group).toEqual([...group].sort((a, b) => a - b));
        }
        expect(new Set(places.flat()).size).toBe(n);
        expect([...relevance.keys()]).toEqual(documents.map((d) => d.docId));
        expect(relevantDocIds).toEqual([...relevantDocIds].sort((a, b) => a - b));
        if (wanted.length <= 6) expect(new Set(relevantDocIds)).toEqual(new Set(wanted));
        else expect(relevantDocIds.filter((id) => wanted.includes(id))).toHaveLength(6);
      },
    ),
    { numRuns: 60 },
  );
});

test("no winner anywhere: an empty selection over the last group, whose prompt is still cached", async () => {
  const model = honestModel();
  const selection = await selectAmongMany(model, dialogue, documentsOf(Array(13).fill(false)));
  expect(model.calls).toHaveLength(3);
  expect(selection.relevantDocIds).toEqual([]);
  expect(selection.messages.slice(0, -1)).toEqual((model.calls[2]!.prompt as { messages: unknown }).messages);
});

test("relevance is the product over rounds, and decides who stays where all win", async () => {
  // Every group is chosen whole; documents late in a group are less certain: 0.9, 0.8, 0.7, ...
  const certainty = (place: number) => 0.9 - place / 10;
  const model = modelOf((ids) => ids.map((_, place) => certainty(place)));
  const selection = await selectAmongMany(model, dialogue, documentsOf(Array(8).fill(true)));
  // Groups 0-3 and 4-7; the two last, 3 and 7, do not fit into the final six.
  expect(selection.relevantDocIds).toEqual([0, 1, 2, 4, 5, 6]);
  const final = [0, 1, 2, 4, 5, 6];
  for (let id = 0; id < 8; id++) {
    const first = certainty(id % 4);
    const expected = final.includes(id) ? first * certainty(final.indexOf(id)) : first;
    expect(selection.relevance.get(id)).toBeCloseTo(expected, 12);
  }
  expect(selection.usage).toEqual({ promptTokens: 300, completionTokens: 30, reusedTokens: 15 });
});

test("an abort between groups throws its reason", async () => {
  const controller = new AbortController();
  const model = fakeLanguageModel({
    replies: (call) => {
      if (call.index === 1) controller.abort(new Error("enough"));
      return '{"relevant_doc_ids": []}';
    },
  });
  const many = documentsOf(Array(30).fill(false));
  await expect(selectAmongMany(model, dialogue, many, controller.signal)).rejects.toThrow("enough");
  expect(model.calls).toHaveLength(2);
});

/** Picks every document, the one at place i with the probability that `certainties` gives, against the end of the list. */
function modelOf(certainties: (ids: number[]) => number[]): LanguageModel {
  return {
    name: "certain",
    contextSize: 8192,
    async *generate(prompt) {
      const ids = shownTo({ prompt }).map((row) => row.doc_id);
      const picks = certainties(ids).map((p, place) => {
        const chosen = { text: `${place > 0 ? ", " : ""}${ids[place]}`, logprob: Math.log(p) };
        return { ...chosen, top: [chosen, { text: "]}", logprob: Math.log(1 - p) }] };
      });
      const exact = (text: string) => ({ text, logprob: 0, top: [] });
      const tokens = [exact('{"relevant_doc_ids": ['), ...picks, exact("]}")];
      for (const token of tokens) yield { text: token.text, tokens: [token] };
      const usage = { promptTokens: 100, completionTokens: 10, reusedTokens: 5 };
      yield { text: "", tokens: [], finishReason: "stop", usage };
    },
    score: () => Promise.reject(new Error("not asked for")),
    close: () => Promise.resolve(),
  };
}
