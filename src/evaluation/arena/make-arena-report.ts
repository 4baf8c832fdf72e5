/**
 * Judgments, and what is known of questions and answers -> all that a report of an arena shows. Nothing is guessed: a game
 * without a score counts nowhere but among the failures, a model without a battle gets no rating.
 */
import { InputError } from "../../errors.ts";
import type { Manifest } from "../manifest.ts";
import { STYLE_FEATURES } from "../ratings/style-of.ts";
import { type Answers, indexAnswers } from "./answers.ts";
import type { ArenaReport, Verdict } from "./arena-report.ts";
import { compareModels, pointsOf, rateByTopic } from "./comparisons.ts";
import { judgeHealth } from "./judge-health.ts";
import { makeLeaderboard, PUBLISHED_ROUNDS } from "./leaderboard.ts";
import { makeBattles } from "./make-battles.ts";
import { outcomeOf } from "./outcome-of.ts";
import type { AnswerRow, Battle, JudgmentRow, QuestionRow } from "./rows.ts";

export interface ArenaReportOptions {
  /** At least one; one a model, baseline and question. */
  judgments: readonly JudgmentRow[];
  questions?: readonly QuestionRow[];
  /** Of any of the models and the baseline. Length and style are controlled for where those of all battles are there. */
  answers?: readonly AnswerRow[];
  /** What is set here is added to its settings. */
  manifest: Manifest;
  /** Default: the one of the first judgment. Judgments against others count for ratings, not for what is compared by question. */
  baseline?: string;
  /**
   * Rounds of the bootstrap by row. Default 100: drawn as published ones are. Another number is drawn by counts, which
   * is as exact and much faster, and gives no published interval.
   */
  rowRounds?: number;
  /** Rounds of the bootstrap by question. Default 10,000. */
  questionRounds?: number;
  /** The same of the style-controlled model, each of which is a fit. Default 200. */
  styleRounds?: number;
  /** Of all draws but the published ones. Default 1. */
  seed?: number;
}

export async function makeArenaReport({
  judgments,
  questions = [],
  answers: answerRows = [],
  manifest,
  baseline = judgments[0]?.baseline,
  rowRounds = PUBLISHED_ROUNDS,
  questionRounds = 10_000,
  styleRounds = 200,
  seed = 1,
}: ArenaReportOptions): Promise<ArenaReport> {
  if (baseline === undefined)
    throw new InputError("there are no judgments to report: judge some answers first");
  check(judgments, baseline);
  const answers = await indexAnswers(answerRows);
  const battles = makeBattles(judgments);
  const rounds = { rowRounds, questionRounds, styleRounds, seed };
  const { rows, unrated, style } = makeLeaderboard(judgments, battles, { baseline, answers, ...rounds });
  const models = rows.map(({ model }) => model);
  const direct = judgments.filter((judgment) => judgment.baseline === baseline);
  const topics = new Map(
    questions.flatMap((q) => (q.cluster === undefined ? [] : [[q.question_id, String(q.cluster)]])),
  );
  const judged = [...new Set(judgments.map(({ model }) => model))];
  return {
    kind: "arena",
    manifest: { ...manifest, settings: { ...manifest.settings, baseline, ...rounds } },
    baseline,
    judge: [...new Set(judgments.map(({ judge }) => judge))].join(", "),
    leaderboard: rows,
    ...(unrated.length === 0 ? {} : { unrated }),
    ...(style === undefined
      ? {}
      : { style: style.map((figures, i) => ({ feature: STYLE_FEATURES[i]!, ...figures })) }),
    winRates: { models, rates: winRates(battles, models) },
    comparisons: compareModels(
      direct,
      models.filter((model) => model !== baseline),
    ),
    topics: rateByTopic(makeBattles(direct), (id) => topics.get(id), seed),
    judgeHealth: {
      all: judgeHealth(judgments),
      byModel: Object.fromEntries(
        judged.map((model) => [model, judgeHealth(judgments.filter((judgment) => judgment.model === model))]),
      ),
    },
    verdicts: verdictsOf(judgments, questions, answers),
  };
}

/** Threat: a judgment twice would make every interval too narrow, and nothing would show it. */
function check(judgments: readonly JudgmentRow[], baseline: string): void {
  if (!judgments.some((judgment) => judgment.baseline === baseline))
    throw new InputError(`no judgment is against ${baseline}: name one of the baselines that there are`);
  const seen = new Set<string>();
  for (const { question_id, model, baseline } of judgments) {
    const name = `${model} against ${baseline} on question ${question_id}`;
    if (model === baseline) throw new InputError(`a judgment of ${name}: a model is not its own rival`);
    const key = JSON.stringify([question_id, model, baseline]);
    if (seen.has(key)) throw new InputError(`two judgments of ${name}: leave one`);
    seen.add(key);
  }
}

/** Percent of won battles of the row's model against the column's. */
function winRates(battles: readonly Battle[], models: readonly string[]): (number | null)[][] {
  const numbers = new Map(models.map((model, i) => [model, i]));
  const wins = models.map(() => new Float64Array(models.length));
  for (const { model_a, model_b, winner } of battles) {
    const [a, b] = [numbers.get(model_a), numbers.get(model_b)];
    if (a === undefined || b === undefined) continue;
    const points = winner === "model_a" ? 1 : winner === "tie" ? 0.5 : 0;
    wins[a]![b]! += points;
    wins[b]![a]! += 1 - points;
  }
  return models.map((_, i) =>
    models.map((_, j) => {
      const all = wins[i]![j]! + wins[j]![i]!;
      return all === 0 ? null : (100 * wins[i]![j]!) / all;
    }),
  );
}

function verdictsOf(
  judgments: readonly JudgmentRow[],
  questions: readonly QuestionRow[],
  answers: Answers,
): Verdict[] {
  const byId = new Map(questions.map((question) => [question.question_id, question]));
  return judgments.map(({ question_id, model, baseline, games }) => {
    const question = byId.get(question_id);
    const [answer, baselineAnswer] = [answers.get(model), answers.get(baseline)].map(
      (ofModel) => ofModel?.get(question_id)?.content,
    );
    const points = games.map(({ score }, game) => outcomeOf(score, game)?.points);
    return {
      questionId: question_id,
      model,
      ...(question?.cluster === undefined ? {} : { topic: String(question.cluster) }),
      ...(question === undefined
        ? {}
        : { question: question.turns.map(({ content }) => content).join("\n\n") }),
      ...(answer === undefined ? {} : { answer }),
      ...(baselineAnswer === undefined ? {} : { baselineAnswer }),
      games: games.map((game, i) => ({ first: i === 0 ? "baseline" : "model", ...game })),
      points: pointsOf(games),
      isContradictory: points.includes(1) && points.includes(0),
    };
  });
}
