import fc from "fast-check";
import { expect, test } from "vitest";
import type { GroundedTestRow } from "../../datasets/grounded-test-row.ts";
import type { RagAnswer } from "./ask-grounded.ts";
import { metricDefinitions, metricsOf, type Observation } from "./metrics.ts";

function rowOf(relevantDocIds: number[], id = "1"): GroundedTestRow {
  return {
    id,
    domain: relevantDocIds.length > 0 ? "in_domain" : "out_of_domain",
    language: "en",
    documents: [0, 1, 2, 3, 4].map((docId) => ({ docId, title: null, content: `Document ${docId}` })),
    messages: [{ role: "user", content: "Which?" }],
    relevantDocIds,
    reference: "The blue one",
  };
}

const given = (facts: Partial<RagAnswer>): RagAnswer => ({
  answer: "The blue one",
  predictedIds: null,
  relevance: null,
  citedIds: [],
  isCut: false,
  ...facts,
});

const of = (...observations: Partial<Observation>[]) =>
  metricsOf(
    observations.map((one, i) => ({
      row: rowOf([0], String(i)),
      answer: given({}),
      isCorrect: null,
      ...one,
    })),
  );

const ids = fc.subarray([0, 1, 2, 3, 4]);

test("ids: a difference of sets, which is 0 exactly where they agree", () => {
  fc.assert(
    fc.property(ids, ids, (expected, predicted) => {
      const metrics = of({ row: rowOf(expected), answer: given({ predictedIds: predicted }) });
      const [a, b] = [new Set(expected), new Set(predicted)];
      const common = expected.filter((id) => b.has(id)).length;
      expect(metrics.avg_abs_indexes_diff!.value).toBe(a.size + b.size - 2 * common);
      expect(metrics.id_exact_match!.value).toBe(`${expected}` === `${predicted}` ? 100 : 0);
      const isInDomain = a.size > 0;
      expect(metrics.id_precision?.value).toBe(
        isInDomain && b.size > 0 ? (100 * common) / b.size : undefined,
      );
      expect(metrics.id_recall?.value).toBe(isInDomain ? (100 * common) / a.size : undefined);
    }),
    { numRuns: 50 },
  );
});

test("an id that no document has is named, and wrong", () => {
  const metrics = of({ answer: given({ predictedIds: [0, 9] }) });
  expect(metrics.avg_abs_indexes_diff!.value).toBe(1);
  expect(metrics.id_precision!.value).toBe(50);
});

test("a model that names no ids has none of their figures, and all others", () => {
  const metrics = of({ isCorrect: true });
  expect(Object.keys(metrics)).toEqual([
    "judge_correct_percent",
    "avg_answer_match_rougeL",
    "wrong_refusal_rate",
    "citation_recall",
  ]);
  expect(metrics.avg_answer_match_rougeL!.value).toBe(1);
});

test("no verdict is neither right nor wrong", () => {
  const metrics = of({ isCorrect: true }, { isCorrect: null }, { isCorrect: false }, { isCorrect: true });
  expect(metrics.judge_correct_percent).toMatchObject({ value: 200 / 3, count: 3 });
  expect(metrics.avg_answer_match_rougeL!.count).toBe(4);
});

test("refusals count as right out of domain, as wrong in it, by their words", () => {
  const refuses = given({ answer: "The documents do not answer this question.", predictedIds: [1] });
  const outside = rowOf([]);
  expect(of({ row: outside, answer: refuses }, { row: { ...outside, id: "2" } }).refusal_rate!.value).toBe(
    50,
  );
  expect(of({ answer: refuses }, {}, {}, {}).wrong_refusal_rate!.value).toBe(25);
  expect(of({ row: outside, answer: refuses }).wrong_refusal_rate).toBeUndefined();
  expect(of({ answer: refuses }).refusal_rate).toBeUndefined();
});

test("citations: those that lead to expected documents, and sentences that have any", () => {
  const row = rowOf([0, 1]);
  const metrics = of({ row, answer: given({ citedIds: [[0], [1, 4], [], [3]] }) });
  expect(metrics.citation_precision!.value).toBe(50);
  expect(metrics.citation_recall!.value).toBe(75);
  const refused = of({ row, answer: given({ answer: "I cannot answer that.", citedIds: [[4]] }) });
  expect([refused.citation_precision, refused.citation_recall]).toEqual([undefined, undefined]);
});

test("every figure has a definition", () => {
  const defined = metricDefinitions();
  const measured = Object.keys({
    ...of({ isCorrect: true, answer: given({ predictedIds: [0], citedIds: [[0]] }) }),
    ...of({ row: rowOf([]) }),
  });
  expect(defined.map(({ name }) => name).sort()).toEqual(measured.sort());
  for (const { definition } of defined) expect(definition.length).toBeGreaterThan(40);
});
