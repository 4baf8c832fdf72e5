/** Intervals of ratings -> the best and the worst rank of each, in the same order; 1 is the best. As Chatbot Arena ranks. */
import type { Interval } from "../estimate.ts";

/** Who is above in truth has an interval that lies above wholly; others may be anywhere among those they overlap. */
export function rankRanges(intervals: readonly Interval[]): { best: number; worst: number }[] {
  return intervals.map(({ low, high }) => ({
    best: 1 + intervals.filter((other) => other.low > high).length,
    worst: intervals.length - intervals.filter((other) => other.high < low).length,
  }));
}
