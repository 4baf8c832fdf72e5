/**
 * Two arenas -> scores of each model on the questions that both runs scored, paired: what is hard for every model
 * cancels out, and the interval is that of the change.
 */
import { InputError } from "../../../errors.ts";
import { printable } from "../../../util/printable.ts";
import type { ArenaReport, Verdict } from "../../arena/arena-report.ts";
import { meanDifference } from "../../arena/comparisons.ts";
import type { ReportComparison, VerdictChange } from "./report-comparison.ts";

type Compared = Pick<ReportComparison, "figures" | "changes" | "onlyBefore" | "onlyAfter">;

export function compareArenas(before: ArenaReport, after: ArenaReport): Compared {
  if (before.baseline !== after.baseline)
    throw new InputError(
      `the baselines differ, "${printable(before.baseline)}" and "${printable(after.baseline)}": win rates against different ones cannot be compared`,
    );
  const [old, now] = [byModel(before), byModel(after)];
  const compared: Compared = {
    figures: [],
    changes: [],
    onlyBefore: [...old.keys()].filter((model) => !now.has(model)),
    onlyAfter: [...now.keys()].filter((model) => !old.has(model)),
  };
  for (const [model, verdicts] of now) {
    const known = old.get(model);
    if (!known) continue;
    const scored: [before: number, after: number][] = [];
    for (const [key, verdict] of verdicts) {
      const earlier = known.get(key);
      if (!earlier) continue;
      if (earlier.points !== null && verdict.points !== null) scored.push([earlier.points, verdict.points]);
      if (earlier.points !== verdict.points) compared.changes.push(changeOf(earlier, verdict));
    }
    if (scored.length === 0) continue;
    const percent = (of: (pair: [number, number]) => number) =>
      (100 * scored.reduce((sum, pair) => sum + of(pair), 0)) / scored.length;
    const { difference, interval } = meanDifference(scored.map(([was, is]) => is - was));
    compared.figures.push({
      name: model,
      metric: "score",
      before: percent(([was]) => was),
      after: percent(([, is]) => is),
      difference,
      // Of one question nothing is known of the error.
      interval: scored.length > 1 ? interval : null,
      questions: scored.length,
    });
  }
  return compared;
}

/** Model -> question -> verdict. A number and its digits as a text are two questions. */
function byModel({ verdicts }: ArenaReport): Map<string, Map<string, Verdict>> {
  const models = new Map<string, Map<string, Verdict>>();
  for (const verdict of verdicts) {
    const questions = models.get(verdict.model) ?? new Map<string, Verdict>();
    models.set(verdict.model, questions.set(JSON.stringify(verdict.questionId), verdict));
  }
  return models;
}

function changeOf(before: Verdict, after: Verdict): VerdictChange {
  const question = after.question ?? before.question;
  return {
    questionId: after.questionId,
    name: after.model,
    ...(question === undefined ? {} : { question }),
    before: before.points ?? "unscored",
    after: after.points ?? "unscored",
    answers: { before: before.answer ?? null, after: after.answer ?? null },
  };
}
