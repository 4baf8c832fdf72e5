/** A call of an evaluation that may wait: nobody waits for the single answer, and a server's pause is kept to. */
import { retrying } from "../../engine/retrying.ts";

/** Beyond those of the engine. */
const RETRIES = 6;
/** In milliseconds. Some servers count by the quarter of an hour. */
const LONGEST_PAUSE = 16 * 60_000;

export function patiently<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return retrying(attempt, { retries: RETRIES, longestPause: LONGEST_PAUSE, signal });
}
