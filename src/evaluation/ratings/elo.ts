/**
 * Battles in their order -> ratings of Elo (1978). They depend on that order, and early battles fade: beside Bradley
 * and Terry's they are for those who know them.
 */
import type { Battle } from "../arena/rows.ts";
import { RATING_INITIAL, RATING_SCALE } from "./rating-scale.ts";

/** Points that a battle moves at most. Small, as Chatbot Arena has it: order matters less. */
const K = 4;

/** Models without a battle are absent. The sum of all ratings stays 1000 a model. */
export function elo(battles: readonly Battle[]): Map<string, number> {
  const ratings = new Map<string, number>();
  for (const { model_a, model_b, winner } of battles) {
    const [a, b] = [ratings.get(model_a) ?? RATING_INITIAL, ratings.get(model_b) ?? RATING_INITIAL];
    const [strengthA, strengthB] = [10 ** (a / RATING_SCALE), 10 ** (b / RATING_SCALE)];
    const points = winner === "model_a" ? 1 : winner === "tie" ? 0.5 : 0;
    ratings.set(model_a, a + K * (points - strengthA / (strengthA + strengthB)));
    ratings.set(model_b, b + K * (1 - points - strengthB / (strengthA + strengthB)));
  }
  return ratings;
}
