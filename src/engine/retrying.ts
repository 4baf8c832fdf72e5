/** Tries again what failed for a moment, with growing pauses, or the one that the server asks for. */
import { setTimeout as sleep } from "node:timers/promises";
import { type ErrorFacts, UnavailableError } from "../errors.ts";

/**
 * It may work in a moment: too many requests, a gateway without its server, no connection. Once all tries are used
 * up it is for the user to see what is wrong with the server or its address.
 */
export class TransientError extends UnavailableError {
  /** In milliseconds, where the server said. */
  readonly retryAfter: number | undefined;
  constructor(message: string, options: ErrorFacts & { retryAfter?: number | undefined } = {}) {
    super(message, options);
    this.retryAfter = options.retryAfter;
  }
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 60_000;

export interface RetryOptions {
  /** How many more times after the first. */
  retries: number;
  signal: AbortSignal;
  /** In milliseconds. A server that asks for a longer pause gets none: its error goes to the user. Default: a minute. */
  longestPause?: number;
}

export async function retrying<T>(
  attempt: () => Promise<T>,
  { retries, signal, longestPause = LONGEST_PAUSE }: RetryOptions,
): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TransientError) || failures >= retries) throw error;
      // Half of it at random, so that many clients do not come back at once.
      const grown = Math.min(FIRST_PAUSE * 2 ** failures, LONGEST_PAUSE) * (0.5 + Math.random() / 2);
      const pause = error.retryAfter ?? grown;
      if (pause > longestPause) throw error;
      await sleep(pause, undefined, { signal });
    }
  }
}

/** The Retry-After header, seconds or a date -> milliseconds from now. */
export function retryAfter(header: string | null, now = Date.now()): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
