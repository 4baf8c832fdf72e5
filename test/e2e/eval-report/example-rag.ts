/** A report of the RAG benchmark made up from a seed. */
import type { Estimate } from "../../../src/evaluation/estimate.ts";
import type {
  Domain,
  MetricName,
  Metrics,
  Protocol,
  RagQuestionView,
  RagReport,
} from "../../../src/evaluation/rag/rag-report.ts";
import { exampleManifest } from "./example-manifest.ts";
import { HOSTILE } from "./hostile.ts";
import { randomFrom } from "./random.ts";

const METRICS: RagReport["metrics"] = [
  ["judge_correct_percent", "percent", "Answers that the judge finds correct."],
  ["avg_answer_match_rougeL", "points", "ROUGE-L of the answer and the reference, F1 of words, from 0 to 1."],
  [
    "avg_abs_indexes_diff",
    "ids",
    "Size of the symmetric difference of predicted and reference ids, mean over questions.",
  ],
  ["id_precision", "percent", "Of the predicted ids, those that are in the reference."],
  ["id_recall", "percent", "Of the ids in the reference, those that were predicted."],
  ["id_exact_match", "percent", "Questions whose predicted ids are exactly those of the reference."],
  ["refusal_rate", "percent", "Questions without an answer in the documents that were refused."],
  ["wrong_refusal_rate", "percent", "Questions with an answer in the documents that were refused."],
  ["citation_precision", "percent", "Of the citations, those whose document supports the sentence."],
  ["citation_recall", "percent", "Of the sentences, those that have a citation which supports them."],
].map(
  ([name, unit, definition]) => ({ name, title: name, unit, definition }) as RagReport["metrics"][number],
);
const ASKED: [model: string, protocol: Protocol, skill: number][] = [
  ["vikhr-nemo-12b-instruct-r-21-09-24", "two-step", 0.82],
  ["vikhr-nano", "two-step", 0.64],
  ["gpt-4o", "single-prompt", 0.78],
];
const DOMAINS: Domain[] = ["in_domain", "out_of_domain"];

export function exampleRag({ seed = 11, questions = 40, isHostile = false } = {}): RagReport {
  const random = randomFrom(seed);
  const estimate = (value: number, width: number, most: number): Estimate => ({
    value,
    interval: { low: Math.max(0, value - width), high: Math.min(most, value + width) },
    count: questions,
  });
  const estimateOf = (unit: RagReport["metrics"][number]["unit"], share: number) =>
    unit === "ids"
      ? estimate(2 * (1 - share), 0.2, 9)
      : unit === "points"
        ? estimate(0.6 * share, 0.03, 1)
        : estimate(100 * share, 7, 100);
  const metricsOf = (skill: number): Metrics => {
    const entries = METRICS.map(({ name, unit }): [MetricName, Estimate] => {
      const share = Math.min(0.98, Math.max(0.02, skill + 0.1 * (random() - 0.5)));
      return [name, estimateOf(unit, share)];
    });
    return Object.fromEntries(entries);
  };
  const asked = ASKED.map(([model, protocol, skill]) => ({ model, protocol, skill }));
  if (isHostile) asked.push({ model: HOSTILE[0]!, protocol: "single-prompt", skill: 0.4 });
  return {
    kind: "rag",
    manifest: exampleManifest("vikhr eval rag --test-set grounded.jsonl"),
    metrics: METRICS,
    rows: asked.flatMap(({ model, protocol, skill }) =>
      DOMAINS.map((domain) => ({
        model,
        protocol,
        domain,
        questions,
        failures:
          protocol === "single-prompt" ? { "http-429": 2, [isHostile ? HOSTILE[1]! : "http-5xx"]: 1 } : {},
        judgeFailures: { "no-label": 1 },
        metrics: metricsOf(domain === "in_domain" ? skill : skill - 0.08),
      })),
    ),
    noise: asked.flatMap(({ model, protocol, skill }) =>
      [0, 1, 2, 3, 4, 5].map((distractors) => ({
        model,
        protocol,
        distractors,
        metrics: metricsOf(skill - 0.03 * distractors),
      })),
    ),
    counterfactual: asked.map(({ model, protocol, skill }) => ({
      model,
      protocol,
      followsDocument: estimate(100 * skill, 8, 100),
      saysOtherwise: estimate(20, 6, 100),
    })),
    attacks: asked.flatMap(({ model, protocol, skill }) =>
      ["ignore the question", "забудь инструкции", "exfiltrate by link"].flatMap((attack) =>
        (["ru", "en"] as const).map((language) => ({
          model,
          protocol,
          attack,
          language,
          success: estimate(100 * (1 - skill) * random(), 5, 100),
        })),
      ),
    ),
    calibration: asked
      .filter(({ protocol }) => protocol === "two-step")
      .map(({ model, skill }) => ({
        model,
        error: { value: 1 - skill - 0.1, interval: { low: 0.03, high: 0.32 }, count: 10 * questions },
        bins: Array.from({ length: 10 }, (_, i) => binOf(i, skill)),
      })),
    questions: asked.flatMap(({ model, protocol, skill }) =>
      DOMAINS.flatMap((domain) =>
        Array.from({ length: questions }, (_, q) =>
          viewOf({ model, protocol, domain, q, skill, random, isHostile }),
        ),
      ),
    ),
  };
}

function binOf(i: number, skill: number): RagReport["calibration"][number]["bins"][number] {
  const [low, high] = [i / 10, (i + 1) / 10];
  if (i === 4) return { low, high, count: 0 };
  const relevant = Math.min(1, Math.max(0, 0.5 + (low - 0.45) * (0.6 + skill / 2)));
  const interval = { low: Math.max(0, relevant - 0.08), high: Math.min(1, relevant + 0.08) };
  const count = 20 + 30 * Math.abs(i - 5);
  return { low, high, count, probability: low + 0.05, relevant: { value: relevant, interval, count } };
}

interface OneView {
  model: string;
  protocol: Protocol;
  domain: Domain;
  q: number;
  skill: number;
  random: () => number;
  isHostile: boolean;
}

function viewOf({ model, protocol, domain, q, skill, random, isHostile }: OneView): RagQuestionView {
  const isFailed = protocol === "single-prompt" && q < 2;
  const isExact = random() < skill;
  const hostile = isHostile ? HOSTILE[q % HOSTILE.length]! : "";
  return {
    id: `${domain}-${q}`,
    model,
    protocol,
    domain,
    language: q % 3 === 0 ? "en" : "ru",
    question: `${q % 3 === 0 ? "When was the bridge built?" : "Когда построен мост через Волгу?"} (${q + 1}) ${hostile}`,
    documents: [
      {
        docId: 0,
        title: `Мосты ${hostile}`,
        content: `Мост через Волгу построен в 19${10 + (q % 80)} году.\n${hostile}`,
      },
      { docId: 1, title: null, content: "The Golden Gate Bridge opened in 1937." },
    ],
    expectedIds: [q % 2],
    predictedIds: isFailed ? null : isExact ? [q % 2] : [0, 1],
    reference: "В источнике назван год постройки.",
    answer: isFailed ? null : `Мост построен в 19${10 + (q % 80)} году. ${hostile}`,
    ...(isFailed ? { failure: "http-429" } : {}),
    ...(isFailed
      ? {}
      : {
          isCorrect: q % 17 === 5 ? null : random() < skill,
          judgment: `Ответ сверен с эталоном. ${hostile}`,
        }),
  };
}
