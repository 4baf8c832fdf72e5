import { describe, expect, test } from "vitest";
import { generatedTestSet } from "../../cli/eval/rag-test-set.ts";
import { refusal } from "../../grounding/refusal.ts";
import { REFUSALS as ENGLISH } from "../../synthesis/grounded/en/phrases.ts";
import { REFUSALS as RUSSIAN } from "../../synthesis/grounded/ru/phrases.ts";
import { readsAsRefusal } from "./reads-as-refusal.ts";

describe("reads as a refusal", () => {
  test.each([...RUSSIAN, ...ENGLISH, refusal("Когда?"), refusal("When?")])("%s", (text) => {
    expect(readsAsRefusal(text)).toBe(true);
  });
  test.each([
    "К сожалению, я изучил документы. Информации о дате основания города в них нет.",
    "В тексте не упоминается, кто построил мост.",
    "Предоставленные документы не содержат сведений об этом.",
    "Невозможно ответить на вопрос по этим документам.",
    "Based on the documents, I couldn't find the founding date.",
    "The provided text doesn’t mention who built the bridge.",
    "There is not enough information to answer.",
    "The founder is not mentioned in any of the documents.",
    "I'm unable to answer this question.",
  ])("%s", (text) => {
    expect(readsAsRefusal(text)).toBe(true);
  });
});

describe("reads as an answer", () => {
  test.each([
    "",
    "Основатель города — Иван Петров. О дате основания в документах ничего нет, но это и не спрашивали.",
    "Нет, мост построен в 1901 году.",
    "No, the bridge was built in 1901.",
    "The museum cannot be visited on Mondays.",
    "Yes. It does not freeze in winter. The documents do not say more.",
  ])("%s", (text) => {
    expect(readsAsRefusal(text)).toBe(false);
  });

  test("every in-domain reference of the generated test set, and no other", () => {
    const { rows } = generatedTestSet(400);
    const wrong = rows.filter((row) => readsAsRefusal(row.reference) !== (row.domain === "out_of_domain"));
    expect(wrong.map(({ reference }) => reference)).toEqual([]);
    expect(rows.length).toBeGreaterThanOrEqual(800);
  });
});
