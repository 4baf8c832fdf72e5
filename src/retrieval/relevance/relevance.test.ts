import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { questionParts } from "./question-terms.ts";
import { relevanceOf, selectByRelevance } from "./relevance.ts";
import { indexDocument, supportOf } from "./support.ts";

const relevance = (question: string, content: string, title: string | null = null) =>
  relevanceOf(supportOf(questionParts(question)[0]!, indexDocument({ docId: 0, title, content })));

describe("relevance of one document", () => {
  test("more of the question is more relevant; together is more than apart", () => {
    const question = "Какая река впадает в Каспийское море?";
    const ladder = [
      "Погода сегодня хорошая.",
      "Река замёрзла. Погода хорошая.",
      "Река замёрзла. Море шумит.",
      "Река впадает в море.",
      "Река Волга впадает в Каспийское море.",
    ].map((content) => relevance(question, content));
    expect(ladder).toEqual([...ladder].sort((a, b) => a - b));
    expect(ladder[0]!).toBeLessThan(0.01);
    expect(ladder.at(-1)!).toBeGreaterThan(0.95);
  });

  test("never falls when a sentence is added at the end, or a title given", () => {
    const words = ["Волга", "впадает", "река", "море", "Каспийское", "погода", "дом", "1812"];
    const sentence = fc
      .array(fc.constantFrom(...words), { minLength: 1, maxLength: 6 })
      .map((chosen) => `Вот ${chosen.join(" ")}.`);
    fc.assert(
      fc.property(fc.array(sentence, { minLength: 1, maxLength: 4 }), sentence, (sentences, more) => {
        const question = "Какая река впадает в Каспийское море в 1812?";
        const content = sentences.join(" ");
        const before = relevance(question, content);
        expect(relevance(question, `${content} ${more}`)).toBeGreaterThanOrEqual(before);
        expect(relevance(question, content, more)).toBeGreaterThanOrEqual(before);
      }),
    );
  });

  test("a name said before counts for the sentences after it, and so does the heading", () => {
    const part = questionParts("Когда родился Пушкин?")[0]!;
    const read = (content: string) =>
      supportOf(part, indexDocument({ docId: 0, title: null, content })).sentences;
    expect(read("Родился он в 1799 году.")[0]!).toBeLessThan(read("Вот Пушкин. Родился он в 1799 году.")[1]!);
    const far = read("Вот Пушкин. Погода хорошая. Родился он в 1799 году.");
    expect(far[2]!).toBeLessThan(read("Вот Пушкин. Родился он в 1799 году.")[1]!);
    expect(read("Родился он в 1799 году.")[0]!).toBeLessThan(read("# Пушкин\n\nРодился он в 1799 году.")[1]!);
  });

  test("where a number or a time is asked for, none counts against; a missing name does not", () => {
    const asked = "Когда сдают отчёт?";
    expect(relevance(asked, "Отчёт сдают охотно.")).toBeLessThan(
      relevance(asked, "Отчёт сдают в понедельник."),
    );
    expect(relevance(asked, "Отчёт сдают в понедельник.")).toBe(relevance(asked, "Отчёт сдают в 1812 году."));
    expect(relevance("Кто сдаёт отчёт?", "Отчёт сдаёт каждый.")).toBe(
      relevance("Кто сдаёт отчёт?", "Отчёт сдаёт Иванов."),
    );
  });

  test("the sentence beside adds, and evidence is bounded", () => {
    const question = "Какая река впадает в Каспийское море?";
    expect(relevance(question, "Река впадает в море. Каспийское оно.")).toBeGreaterThan(
      relevance(question, "Река впадает в море. Погода хорошая. Каспийское оно."),
    );
    const page = Array.from(
      { length: 60 },
      (_, i) => `словцо${String.fromCharCode(1072 + (i % 30))}${i}`,
    ).join(" ");
    const { evidence } = supportOf(
      questionParts(page)[0]!,
      indexDocument({ docId: 0, title: null, content: page }),
    );
    expect(evidence).toBe(30);
  });
});

describe("selectByRelevance", () => {
  test("none under the threshold; near ones together; clear ones alone", () => {
    expect(selectByRelevance([0.1, 0.2], 0.3)).toEqual([]);
    expect(selectByRelevance([0.97, 0.98, 0.4], 0.3)).toEqual([1, 0]);
    expect(selectByRelevance([0.6, 0.99], 0.3)).toEqual([1]);
    expect(selectByRelevance([0.35, 0.34], 0.3)).toEqual([0]);
    expect(selectByRelevance([1, 1], 0.3)).toEqual([0, 1]);
  });

  test("the most probable is always chosen, and a higher threshold never chooses more", () => {
    const probabilities = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
      minLength: 1,
      maxLength: 12,
    });
    const threshold = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(probabilities, threshold, threshold, (all, a, b) => {
        const low = selectByRelevance(all, Math.min(a, b));
        const high = selectByRelevance(all, Math.max(a, b));
        expect(low).toEqual(expect.arrayContaining(high));
        expect(low.length).toBeLessThanOrEqual(6);
        if (low.length > 0) expect(all[low[0]!]).toBe(Math.max(...all));
      }),
    );
  });
});
