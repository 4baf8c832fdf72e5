/**
 * Battles and lengths of answers -> weights that make a long answer's win count less: 2 * sigmoid((tokens of the baseline
 * - tokens of the model) / their standard deviation). Only wins of the model are reweighted. As Ru-Arena-General has it.
 */
import type { Battle, QuestionId } from "../arena/rows.ts";

/** Model -> question -> tokens of its answer. */
export type Lengths = ReadonlyMap<string, ReadonlyMap<QuestionId, number>>;

/** One weight a battle, in (0, 2); undefined where the length of an answer is not known. `model_a` is the baseline. */
export function lengthControlWeights(battles: readonly Battle[], lengths: Lengths): Float64Array | undefined {
  const deviations = new Map<string, number>();
  const weights = new Float64Array(battles.length);
  for (const [row, { question_id, model_a, model_b, winner }] of battles.entries()) {
    const [baseline, model] = [lengths.get(model_a), lengths.get(model_b)];
    const [theirs, ours] = [baseline?.get(question_id), model?.get(question_id)];
    if (theirs === undefined || ours === undefined) return undefined;
    const key = JSON.stringify([model_a, model_b]);
    let deviation = deviations.get(key);
    if (deviation === undefined) {
      deviation = deviationOfDifferences(baseline!, model!);
      deviations.set(key, deviation);
    }
    // Where answers all differ alike there is nothing to measure a difference by.
    const difference = deviation > 0 ? (theirs - ours) / deviation : 0;
    weights[row] = winner === "model_b" ? 2 / (1 + Math.exp(-difference)) : 1;
  }
  return weights;
}

/** Over the questions that both answered, with n - 1; 0 for fewer than two. */
function deviationOfDifferences(
  baseline: ReadonlyMap<QuestionId, number>,
  model: ReadonlyMap<QuestionId, number>,
): number {
  const differences = [...baseline].flatMap(([id, tokens]) => {
    const other = model.get(id);
    return other === undefined ? [] : [tokens - other];
  });
  if (differences.length < 2) return 0;
  const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  const squares = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (differences.length - 1));
}
