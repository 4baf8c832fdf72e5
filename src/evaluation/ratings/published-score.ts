/**
 * A rating and its interval -> what arena-hard's and Ru-Arena-General's tables print: the win rate, and how far the ends
 * of the interval are from it. Win rates are rounded to 2 decimals before the differences, which are rounded to 1.
 */
import type { Interval } from "../estimate.ts";
import { winRateOf } from "./rating-scale.ts";

/** Percent, each with one decimal. */
export interface PublishedScore {
  score: number;
  lower: number;
  upper: number;
}

export function publishedScore(rating: number, interval: Interval): PublishedScore {
  const percent = (value: number) => round(winRateOf(value), 2);
  const score = percent(rating);
  return {
    score: round(score, 1),
    lower: round(percent(interval.low) - score, 1),
    upper: round(percent(interval.high) - score, 1),
  };
}

/**
 * As Python rounds: to the nearest decimal, and to the even one where a number lies exactly between two. It does where it
 * is an odd multiple of 2^-(digits + 1): no other fraction in binary ends in a 5 at that place. Never -0.
 */
export function round(value: number, digits: number): number {
  const halves = value * 2 ** (digits + 1);
  if (!Number.isInteger(halves) || halves % 2 === 0) return Number(value.toFixed(digits)) + 0;
  const below = Math.floor(value * 10 ** digits);
  return (below % 2 === 0 ? below : below + 1) / 10 ** digits + 0;
}
