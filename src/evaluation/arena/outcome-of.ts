/** A label of the judge -> who won, whoever stood first. The rules of arena-hard, as Ru-Arena-General has them. */

export interface Outcome {
  /** Of the model: 1 it won, 0.5 a tie, 0 the baseline won. */
  points: 0 | 0.5 | 1;
  /** How many identical rows the game gives to the ratings: 3 where one answer is much better. */
  rows: 1 | 3;
}

/** For what stands first (A). */
const OUTCOMES = new Map<string, Outcome>([
  ["A>>B", { points: 1, rows: 3 }],
  ["A>B", { points: 1, rows: 1 }],
  ["A=B", { points: 0.5, rows: 1 }],
  ["B>A", { points: 0, rows: 1 }],
  ["B>>A", { points: 0, rows: 3 }],
]);

/** All that there are, the best of A first. */
export const LABELS = [...OUTCOMES.keys()];

/** `game` counts from 0: the baseline is A in the first game, and B in the second. undefined: no label, or an unknown one. */
export function outcomeOf(score: string | null, game: number): Outcome | undefined {
  const first = score === null ? undefined : OUTCOMES.get(score);
  if (first === undefined || game === 1) return first;
  return { points: (1 - first.points) as Outcome["points"], rows: first.rows };
}
