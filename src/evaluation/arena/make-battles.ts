/** Judgments -> the rows that ratings are made of, in the order of the judgments. A game without a known label gives none. */
import { outcomeOf } from "./outcome-of.ts";
import type { Battle, JudgmentRow } from "./rows.ts";

/** `model_a` is always the baseline. */
export function makeBattles(judgments: readonly JudgmentRow[]): Battle[] {
  const battles: Battle[] = [];
  for (const { question_id, baseline, model, games } of judgments) {
    for (const [game, { score }] of games.entries()) {
      const outcome = outcomeOf(score, game);
      if (outcome === undefined) continue;
      const winner = outcome.points === 1 ? "model_b" : outcome.points === 0 ? "model_a" : "tie";
      for (let row = 0; row < outcome.rows; row++)
        battles.push({ question_id, model_a: baseline, model_b: model, winner });
    }
  }
  return battles;
}
