/**
 * Battles with numbers instead of names, alike ones in one cell: what resampling draws from thousands of times. A round
 * of it is a sum for each cell; sums become a matrix of wins.
 */
import type { Battle, QuestionId } from "../arena/rows.ts";

export interface Tally {
  /** The baseline is number 0. */
  models: string[];
  /** Kinds of battles that there are: `points` are of `a`, 1 won, 0.5 tie, 0 lost. */
  cells: { a: number; b: number; points: number }[];
  /** Of each row. */
  cellOf: Uint16Array | Uint32Array;
  questionOf: Uint32Array;
  /** What a row counts for. Absent: 1. */
  weights?: Float64Array;
  /** How many questions. */
  questions: number;
}

export function makeTally(battles: readonly Battle[], baseline: string, weights?: Float64Array): Tally {
  const models = new Map([[baseline, 0]]);
  const questions = new Map<QuestionId, number>();
  const numbers = new Map<string, number>();
  const cells: Tally["cells"] = [];
  const cellOf = new Uint32Array(battles.length);
  const questionOf = new Uint32Array(battles.length);
  for (const [row, { question_id, model_a, model_b, winner }] of battles.entries()) {
    const [a, b] = [numberOf(models, model_a), numberOf(models, model_b)];
    const key = `${a} ${b} ${winner}`;
    cellOf[row] = numberOf(numbers, key);
    if (cellOf[row] === cells.length)
      cells.push({ a, b, points: winner === "model_a" ? 1 : winner === "tie" ? 0.5 : 0 });
    questionOf[row] = numberOf(questions, question_id);
  }
  return {
    models: [...models.keys()],
    cells,
    questionOf,
    questions: questions.size,
    // Half the memory for a loop that does nothing but read it.
    cellOf: cells.length <= 0x1_0000 ? Uint16Array.from(cellOf) : cellOf,
    ...(weights === undefined ? {} : { weights }),
  };
}

function numberOf<T>(numbers: Map<T, number>, key: T): number {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  numbers.set(key, numbers.size);
  return numbers.size - 1;
}

/** The sum of each cell over all rows, each once. */
export function cellSums({ cells, cellOf, weights }: Tally): Float64Array {
  const sums = new Float64Array(cells.length);
  for (let row = 0; row < cellOf.length; row++) sums[cellOf[row]!]! += weights?.[row] ?? 1;
  return sums;
}

/** `wins[i * models + j]`: how often i won against j, ties as half. Writes into `wins` where it is given. */
export function winsOf(
  { models, cells }: Tally,
  sums: Float64Array,
  wins = new Float64Array(models.length ** 2),
): Float64Array {
  wins.fill(0);
  for (let cell = 0; cell < cells.length; cell++) {
    const { a, b, points } = cells[cell]!;
    wins[a * models.length + b]! += sums[cell]! * points;
    wins[b * models.length + a]! += sums[cell]! * (1 - points);
  }
  return wins;
}
