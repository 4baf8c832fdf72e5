/** Judgments -> what two models differ by on the questions that both answered, and how each does on each topic. */
import { holm } from "../ratings/holm.ts";
import { intervalOf } from "../ratings/interval-of.ts";
import { pairedBootstrap } from "../ratings/paired-bootstrap.ts";
import { drawCounts } from "../ratings/resample.ts";
import type { PairedComparison, TopicRow } from "./arena-report.ts";
import { outcomeOf } from "./outcome-of.ts";
import type { Battle, GameRow, JudgmentRow, QuestionId } from "./rows.ts";

/** Two games of 0, 0.5 or 1 point give a mean in quarters. */
const STEP = 0.25;
const TOPIC_ROUNDS = 1000;

/** Mean points of the model over the games with a score; null without any. */
export function pointsOf(games: readonly GameRow[]): number | null {
  const points = games.flatMap(({ score }, game) => outcomeOf(score, game)?.points ?? []);
  return points.length === 0 ? null : points.reduce<number>((sum, value) => sum + value, 0) / points.length;
}

/** All pairs, in the order of `models`. The judgments are against one baseline, one a model and question. */
export function compareModels(
  judgments: readonly JudgmentRow[],
  models: readonly string[],
): PairedComparison[] {
  const points = new Map(models.map((model) => [model, new Map<QuestionId, number>()]));
  for (const { question_id, model, games } of judgments) {
    const value = pointsOf(games);
    if (value !== null) points.get(model)?.set(question_id, value);
  }
  const comparisons = models.flatMap((model, i) =>
    models.slice(i + 1).flatMap((other): PairedComparison[] => {
      const others = points.get(other)!;
      const steps: number[] = [];
      for (const [id, value] of points.get(model)!) {
        const theirs = others.get(id);
        if (theirs !== undefined) steps.push((value - theirs) / STEP);
      }
      if (steps.length === 0) return [];
      const { interval, p } = pairedBootstrap(steps);
      const percent = (sum: number) => (100 * STEP * sum) / steps.length;
      return [
        {
          model,
          other,
          questions: steps.length,
          difference: percent(steps.reduce((sum, step) => sum + step, 0)),
          interval: { low: percent(interval.low), high: percent(interval.high) },
          p,
          adjustedP: p,
        },
      ];
    }),
  );
  const adjusted = holm(comparisons.map(({ p }) => p));
  return comparisons.map((comparison, i) => ({ ...comparison, adjustedP: adjusted[i]! }));
}

/** Battles are against one baseline, which is `model_a`. Questions without a topic, and models without battles, give no row. */
export function rateByTopic(
  battles: readonly Battle[],
  topicOf: (id: QuestionId) => string | undefined,
  seed: number,
): TopicRow[] {
  const topics = new Map<string, Map<string, Map<QuestionId, [won: number, lost: number]>>>();
  for (const { question_id, model_b, winner } of battles) {
    const topic = topicOf(question_id);
    if (topic === undefined) continue;
    const models = topics.get(topic) ?? new Map<string, Map<QuestionId, [number, number]>>();
    const questions = models.get(model_b) ?? new Map<QuestionId, [number, number]>();
    const [won, lost] = questions.get(question_id) ?? [0, 0];
    const points = winner === "model_b" ? 1 : winner === "tie" ? 0.5 : 0;
    topics.set(topic, models.set(model_b, questions.set(question_id, [won + points, lost + 1 - points])));
  }
  const tables = new Map<number, Uint32Array>();
  return [...topics].flatMap(([topic, models]) =>
    [...models].map(([model, questions]): TopicRow => {
      const results = [...questions.values()];
      const n = results.length;
      const table = tables.get(n) ?? drawTable(n, seed);
      tables.set(n, table);
      const rates = new Float64Array(TOPIC_ROUNDS);
      for (let round = 0; round < TOPIC_ROUNDS; round++)
        rates[round] = winRate(results, table.subarray(round * n, (round + 1) * n));
      return { topic, model, questions: n, winRate: winRate(results), interval: intervalOf(rates) };
    }),
  );
}

/** Round after round, how often each item comes: the same for all that have so many questions. */
function drawTable(items: number, seed: number): Uint32Array {
  const draw = drawCounts(items, seed);
  const table = new Uint32Array(TOPIC_ROUNDS * items);
  for (let round = 0; round < TOPIC_ROUNDS; round++) table.set(draw(), round * items);
  return table;
}

/** Percent; each result as often as `times` says. */
function winRate(results: readonly [won: number, lost: number][], times?: Uint32Array): number {
  let [wins, all] = [0, 0];
  for (let i = 0; i < results.length; i++) {
    const [won, lost] = results[i]!;
    const count = times === undefined ? 1 : times[i]!;
    wins += count * won;
    all += count * (won + lost);
  }
  return (100 * wins) / all;
}
