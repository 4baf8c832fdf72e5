/** An answer that comes piece by piece in, a response that streams it out. */
import type { Context } from "hono";
import { LinkedAbort } from "../../engine/linked-abort.ts";
import { eventStream, type ServerEvent } from "../event-stream.ts";

/** Milliseconds: a fault that comes within them is answered with its own status; afterwards it is an event. */
const PATIENCE = 10_000;

/**
 * Resolves with the first event, or after ten seconds; rejects where `events` fails before. `events` gets a signal that is
 * aborted where the client goes away.
 */
export async function answerStream(
  context: Context,
  events: (signal: AbortSignal) => AsyncIterable<ServerEvent>,
): Promise<Response> {
  const stop = new LinkedAbort(context.req.raw.signal);
  const iterator = events(stop.signal)[Symbol.asyncIterator]();
  const first = iterator.next();
  try {
    await orAfter(first, PATIENCE);
  } catch (error) {
    stop.end();
    throw error;
  }
  return eventStream(async (send, gone) => {
    gone.addEventListener("abort", () => stop.end(), { once: true });
    try {
      for (let next = await first; !next.done; next = await iterator.next()) await send(next.value);
    } finally {
      stop.end();
    }
  }, context.get("reportFault"));
}

async function orAfter(promise: Promise<unknown>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
