/** How far a run is, on one line: calls done, known, failed; tokens; the time that is left. */
import { formatCount, formatDuration } from "../../util/format-quantity.ts";
import type { Tally } from "./calls.ts";

/** `total`: how many calls the run has; `seconds` since it began. */
export function tallyLine(tally: Tally, total: number, seconds: number): string {
  const { done, known, failed, tokens } = tally;
  const made = done + failed;
  const left = Math.max(0, total - made - known);
  const parts = [
    `${made + known} of ${total}`,
    ...(known > 0 ? [`${known} known`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    `${formatCount(tokens)} tokens`,
    ...(made > 0 ? [`${formatDuration((seconds / made) * left)} left`] : []),
  ];
  return parts.join(", ");
}
