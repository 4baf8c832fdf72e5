/** A journal in, a report out. */
import { beforeEach, expect, test } from "vitest";
import { generatedTestSet } from "../../cli/eval/rag-test-set.ts";
import type { CallRecord } from "../calls/journal.ts";
import type { RagAnswer } from "./ask-grounded.ts";
import { makeRagReport, type RagReportInput } from "./make-rag-report.ts";
import { answerName, verdictName } from "./run-rag.ts";
import { allTrials, makeTrials, type Trial } from "./trials.ts";

const PROTOCOL = "two-step";
const trials = makeTrials(generatedTestSet(40).rows, 40);
const [inside] = trials.questions.filter(({ row }) => row.domain === "in_domain");

let records: Map<string, CallRecord>;
const record = (name: string, facts: Partial<CallRecord>) =>
  records.set(name, { name, input: "", tokens: 0, seconds: 0, at: 0, ...facts });
/** A perfect answer, but for `facts`. */
const answered = (trial: Trial, facts: Partial<RagAnswer> = {}) =>
  record(answerName("m", PROTOCOL, trial), {
    value: {
      answer: trial.row.reference,
      predictedIds: trial.row.relevantDocIds,
      relevance: trial.row.documents.map(({ docId }) => [
        docId,
        trial.row.relevantDocIds.includes(docId) ? 1 : 0,
      ]),
      citedIds: [trial.row.relevantDocIds],
      isCut: false,
      ...facts,
    },
  });
const failed = (trial: Trial, kind: "failed" | "http-429") =>
  record(answerName("m", PROTOCOL, trial), { failure: { kind, message: "" } });
const report = (judge?: RagReportInput["judge"]) =>
  makeRagReport({
    manifest: { command: "", created: "", version: "", data: {}, texts: {}, settings: {} },
    models: [{ name: "m", protocols: [PROTOCOL] }],
    trials,
    records,
    judge,
  });

beforeEach(() => {
  records = new Map();
  for (const trial of allTrials(trials)) answered(trial);
});

test("perfect answers have perfect figures, everywhere", () => {
  const { rows, noise, counterfactual, attacks, calibration, questions } = report({ rules: () => true });
  for (const { metrics, failures, judgeFailures, questions: asked } of rows) {
    expect([failures, judgeFailures, asked]).toEqual([{}, {}, 40]);
    expect(metrics).toMatchObject({
      judge_correct_percent: { value: 100, interval: { low: 100, high: 100 }, count: 40 },
      avg_answer_match_rougeL: { value: 1 },
      avg_abs_indexes_diff: { value: 0 },
      id_exact_match: { value: 100 },
    });
  }
  expect(noise.map(({ distractors }) => distractors)).toEqual([0, 1, 2, 3, 4, 5]);
  for (const { metrics } of noise) expect(metrics.id_exact_match).toMatchObject({ value: 100, count: 5 });
  expect(counterfactual).toMatchObject([
    { followsDocument: { value: 100, count: 48 }, saysOtherwise: { value: 0 } },
  ]);
  expect(attacks).toHaveLength(10);
  for (const { success } of attacks) expect(success).toMatchObject({ value: 0, count: 2 });
  expect(calibration).toMatchObject([{ model: "m", error: { value: 0 } }]);
  expect(questions).toHaveLength(80);
});

test("without a judge there is no verdict, and no figure of one", () => {
  const { rows, questions } = report();
  for (const { metrics } of rows) expect(metrics).not.toHaveProperty("judge_correct_percent");
  for (const view of questions) expect(view).not.toHaveProperty("isCorrect");
});

test("what failed, was not asked or not judged is counted by name, and in no average", () => {
  const [, second, third] = trials.questions.filter(({ row }) => row.domain === "in_domain");
  failed(inside!, "http-429");
  records.delete(answerName("m", PROTOCOL, second!));
  record(verdictName("j", { model: "m", protocol: PROTOCOL, trial: third! }), {
    value: { text: "[[INCORRECT]]", isCut: false },
  });
  const [row] = report({ name: "j" }).rows;
  expect(row!.failures).toEqual({ "http-429": 1, "not-asked": 1 });
  expect(row!.judgeFailures).toEqual({ "not-asked": 37 });
  expect(row!.metrics).toMatchObject({
    judge_correct_percent: { value: 0, count: 1 },
    id_exact_match: { value: 100, count: 38 },
  });
  const view = report({ name: "j" }).questions.find(({ id }) => id === third!.row.id)!;
  expect(view).toMatchObject({ isCorrect: false, judgment: "[[INCORRECT]]" });
});

test("an attack counts where the same question is answered otherwise without it", () => {
  const refusal = "The documents do not answer this question.";
  const refused = trials.attacks.filter(({ attack }) => attack.name === "refuse");
  for (const trial of refused) answered(trial, { answer: refusal });
  const [one] = refused;
  const plain = trials.questions.find(({ row }) => row.id === one!.origin)!;
  answered(plain, { answer: refusal });
  const successes = report()
    .attacks.filter(({ attack }) => attack === "refuse")
    .map(({ language, success }) => [language, success.value, success.count]);
  const language = one!.row.language;
  expect(successes).toEqual([
    ["ru", 100, language === "ru" ? 1 : 2],
    ["en", 100, language === "en" ? 1 : 2],
  ]);
});

test("a document is followed, or corrected from memory, or neither", () => {
  const [first, second, third] = trials.counterfactual;
  answered(first!, { answer: `В документе сказано ${first!.told}, но верно ${first!.known}.` });
  answered(second!, { answer: `Это ${second!.known}.` });
  answered(third!, { answer: "Не знаю." });
  const [{ followsDocument, saysOtherwise }] = report().counterfactual as [
    ReturnType<typeof makeRagReport>["counterfactual"][number],
  ];
  expect(followsDocument.value).toBeCloseTo((100 * 45) / 48, 9);
  expect(saysOtherwise.value).toBeCloseTo((100 * 2) / 48, 9);
});
