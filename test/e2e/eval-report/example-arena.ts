/** A report of an arena made up from a seed: its figures fit one another, and its texts are of both languages. */
import type {
  ArenaReport,
  JudgeHealth,
  LeaderboardRow,
  Verdict,
} from "../../../src/evaluation/arena/arena-report.ts";
import type { GameFailure } from "../../../src/evaluation/arena/rows.ts";
import type { Interval } from "../../../src/evaluation/estimate.ts";
import { exampleManifest } from "./example-manifest.ts";
import { HOSTILE } from "./hostile.ts";
import { randomFrom } from "./random.ts";

export interface ExampleArena {
  models?: number;
  questions?: number;
  seed?: number;
  /** Texts that break careless pages among the names and answers. */
  isHostile?: boolean;
}

const NAMES = [
  "gpt-4-1106-preview",
  "vikhr-nemo-12b-instruct-r-21-09-24",
  "gemma-2-9b-it-sppo-iter3",
  "suzume-llama-3-8B-multilingual-orpo-borda-half",
  "gpt-3.5-turbo-0125",
  "glm-4-9b-chat",
  "phi-3-medium-4k-instruct",
  "vikhr-llama3.1-8b-instruct",
  "saiga_llama3_8b_v7",
  "Вихрь-нано",
  "qwen2-7b-instruct",
  "aya-23-8b",
];
const BASELINE = 4;
const TOPICS = ["Астрономия", "Кулинария", "SQL и базы данных", "Travel planning", "Правописание"];
const FAILURES: GameFailure[] = ["no-label", "two-labels", "endless", "http-429"];
const SENTENCES = [
  "Световой год — это расстояние, которое свет проходит за один год, примерно 9,46 триллиона километров.",
  "A query that joins three tables should name its columns.",
  "Сначала нагрейте духовку до 180 °C и смажьте форму маслом.",
  "- первый пункт списка\n- второй пункт списка",
  "**Важно:** проверьте ответ по источнику.",
];
const QUESTIONS = [
  "Что такое световой год и почему им измеряют расстояния до звёзд?",
  "Напиши запрос, который считает заказы каждого покупателя за последний месяц.",
  "How many days does one need for Kazan, and what should be seen first?",
  "Как приготовить шарлотку без миксера?",
  "Исправь ошибки: «Он одел пальто и вышел на улицу»",
];

export function exampleArena({
  models = 12,
  questions = 40,
  seed = 7,
  isHostile = false,
}: ExampleArena = {}): ArenaReport {
  const random = randomFrom(seed);
  const names = Array.from({ length: models }, (_, i) =>
    isHostile && i >= 6 ? HOSTILE[i - 6]! : (NAMES[i] ?? `open-model-${i}-instruct`),
  );
  const baseline = names[BASELINE]!;
  const strength = new Map(
    names.map((name, i) => [name, name === baseline ? 0 : 1.6 - (3 * i) / models + random() * 0.2]),
  );
  const rateOf = (name: string, other: string) =>
    100 / (1 + Math.exp(strength.get(other)! - strength.get(name)!));
  const around = (value: number, width: number): Interval => ({
    low: value - width * (0.9 + 0.2 * random()),
    high: value + width * (0.9 + 0.2 * random()),
  });
  const verdicts: Verdict[] = names
    .filter((name) => name !== baseline)
    .flatMap((model) =>
      Array.from({ length: questions }, (_, q) =>
        verdictOf({ model, baseline, q, isHostile, random, chance: rateOf(model, baseline) / 100 }),
      ),
    );
  const leaderboard = names.map((model): LeaderboardRow => {
    const own = verdicts.filter((verdict) => verdict.model === model);
    const rating = 1000 + (400 / Math.LN10) * strength.get(model)!;
    const winRate = rateOf(model, baseline);
    const width = model === baseline ? 0 : 1;
    return {
      model,
      rating,
      ratingIntervals: { byRow: around(rating, 16 * width), byQuestion: around(rating, 33 * width) },
      winRate,
      winRateIntervals: { byRow: around(winRate, 2.2 * width), byQuestion: around(winRate, 4.5 * width) },
      rank: { best: 1, worst: 1 },
      elo: rating - 3,
      lengthControlled: {
        rating: rating - 20,
        winRate: winRate - 3,
        winRateIntervals: {
          byRow: around(winRate - 3, 2.1 * width),
          byQuestion: around(winRate - 3, 4.4 * width),
        },
      },
      styleControlled: { rating: rating - 12, interval: around(rating - 12, 36 * width) },
      averageTokens: Math.round(250 + 500 * random()),
      battles: own.length * 3,
      questions,
      games: own.length * 2,
      unscored: own.flatMap(({ games }) => games).filter(({ score }) => score === null).length,
    };
  });
  leaderboard.sort((a, b) => b.rating - a.rating);
  for (const row of leaderboard) {
    const { low, high } = row.ratingIntervals.byQuestion;
    row.rank.best = 1 + leaderboard.filter((other) => other.ratingIntervals.byQuestion.low > high).length;
    row.rank.worst = leaderboard.filter((other) => other.ratingIntervals.byQuestion.high >= low).length;
  }
  return {
    kind: "arena",
    manifest: exampleManifest("vikhr eval arena report --baseline gpt-3.5-turbo-0125"),
    baseline,
    judge: "gpt-4-1106-preview",
    leaderboard,
    style: [
      { feature: "length", coefficient: 0.42, interval: { low: 0.31, high: 0.53 } },
      { feature: "headers", coefficient: -0.03, interval: { low: -0.11, high: 0.05 } },
      { feature: "lists", coefficient: 0.12, interval: { low: 0.02, high: 0.21 } },
      { feature: "bold", coefficient: 0.08, interval: { low: -0.01, high: 0.17 } },
    ],
    winRates: {
      models: names,
      rates: names.map((a) => names.map((b) => (a === b ? null : rateOf(a, b)))),
    },
    comparisons: names.flatMap((model, i) =>
      names.slice(i + 1).map((other) => {
        const difference = rateOf(model, baseline) - rateOf(other, baseline);
        const p = Math.min(1, Math.exp(-Math.abs(difference) / 3));
        return {
          model,
          other,
          questions,
          difference,
          interval: around(difference, 6),
          p,
          adjustedP: Math.min(1, p * 20),
        };
      }),
    ),
    topics: TOPICS.flatMap((topic) =>
      names
        .filter((name) => name !== baseline)
        .map((model) => {
          const winRate = Math.max(0, Math.min(100, rateOf(model, baseline) + 24 * (random() - 0.5)));
          const interval = { low: Math.max(0, winRate - 14), high: Math.min(100, winRate + 14) };
          return { topic, model, questions: Math.ceil(questions / TOPICS.length), winRate, interval };
        }),
    ),
    judgeHealth: {
      all: healthOf(verdicts),
      byModel: Object.fromEntries(
        names
          .filter((name) => name !== baseline)
          .map((name) => [name, healthOf(verdicts.filter(({ model }) => model === name))]),
      ),
    },
    verdicts,
  };
}

interface OneVerdict {
  model: string;
  baseline: string;
  q: number;
  isHostile: boolean;
  random: () => number;
  chance: number;
}

function verdictOf({ model, baseline, q, isHostile, random, chance }: OneVerdict): Verdict {
  const text = (sentences: number) =>
    Array.from({ length: sentences }, () => SENTENCES[Math.floor(random() * SENTENCES.length)]).join("\n\n") +
    (isHostile ? `\n${HOSTILE[Math.floor(random() * HOSTILE.length)]}` : "");
  const games = (["baseline", "model"] as const).map((first): Verdict["games"][number] => {
    if (random() < 0.04) {
      const failure = FAILURES[Math.floor(random() * FAILURES.length)]!;
      return { first, score: null, failure, judgment: text(1) };
    }
    const isTie = random() < 0.15;
    const isWon = random() < chance;
    const winner = isWon === (first === "model") ? "A" : "B";
    const score = isTie ? "A=B" : winner === "A" ? (random() < 0.2 ? "A>>B" : "A>B") : "B>A";
    return { first, score, judgment: `${text(2)}\n\n[[${score}]]` };
  });
  const pointsOf = ({ first, score }: Verdict["games"][number]) =>
    score === null ? [] : [score === "A=B" ? 0.5 : score.startsWith("A") === (first === "model") ? 1 : 0];
  const points = games.flatMap(pointsOf);
  return {
    questionId: 721_086_000 + q,
    topic: TOPICS[q % TOPICS.length]!,
    question: `${QUESTIONS[q % QUESTIONS.length]} (${q + 1})${isHostile ? HOSTILE[q % HOSTILE.length] : ""}`,
    model,
    answer: text(3),
    baselineAnswer: `${baseline}: ${SENTENCES[q % SENTENCES.length]}`,
    games,
    points: points.length === 0 ? null : points.reduce((a, b) => a + b, 0) / points.length,
    isContradictory: points.length === 2 && points[0] !== points[1],
  };
}

function healthOf(verdicts: readonly Verdict[]): JudgeHealth {
  const games = verdicts.flatMap((verdict) => verdict.games);
  const scored = games.filter(({ score }) => score !== null);
  const pairs = verdicts.filter(({ games }) => games.every(({ score }) => score !== null));
  const won = scored.filter(({ score }) => score !== "A=B");
  const failures: JudgeHealth["failures"] = {};
  for (const { failure } of games) if (failure) failures[failure] = (failures[failure] ?? 0) + 1;
  return {
    games: games.length,
    scored: scored.length,
    failures,
    consistency: (100 * pairs.filter(({ isContradictory }) => !isContradictory).length) / pairs.length,
    firstWins: (100 * won.filter(({ score }) => score!.startsWith("A")).length) / won.length,
    ties: (100 * (scored.length - won.length)) / scored.length,
  };
}
