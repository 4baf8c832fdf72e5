/** Whether a judge can be believed: does it say the same when the answers change places, and does it favour a place? */
import type { JudgeHealth } from "./arena-report.ts";
import { outcomeOf } from "./outcome-of.ts";
import type { JudgmentRow } from "./rows.ts";

export function judgeHealth(judgments: readonly JudgmentRow[]): JudgeHealth {
  const failures: JudgeHealth["failures"] = {};
  let [games, scored, ties, firstWon, pairs, consistent] = [0, 0, 0, 0, 0, 0];
  for (const judgment of judgments) {
    const points = judgment.games.map(({ score, failure }, game) => {
      games++;
      const outcome = outcomeOf(score, game);
      // A failure may stand beside a score that counts: a judgment in the wrong language.
      const name = failure ?? (outcome ? undefined : score === null ? "no-label" : "unknown-label");
      if (name !== undefined) failures[name] = (failures[name] ?? 0) + 1;
      if (outcome === undefined) return undefined;
      scored++;
      if (outcome.points === 0.5) ties++;
      else if ((outcome.points === 0) === (game === 0)) firstWon++;
      return outcome.points;
    });
    if (points.length !== 2 || points.includes(undefined)) continue;
    pairs++;
    if (points[0] === points[1]) consistent++;
  }
  const percent = (part: number, of: number) => (of === 0 ? null : (100 * part) / of);
  return {
    games,
    scored,
    failures,
    consistency: percent(consistent, pairs),
    firstWins: percent(firstWon, scored - ties),
    ties: percent(ties, scored),
  };
}
