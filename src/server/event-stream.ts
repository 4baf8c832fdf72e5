/** Server-sent events: what is made one after another in, a response that streams it out. */

/** Milliseconds: after so long without an event a comment is sent, since proxies end connections that are silent. */
const KEEP_ALIVE = 15_000;
/** Milliseconds: a fault that comes within them is answered with its own status; afterwards it is an event. */
const PATIENCE = 10_000;

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  // nginx would keep events back.
  "x-accel-buffering": "no",
};

/** One event, as it is written. */
export function serverSentEvent(data: unknown, name?: string): string {
  return `${name === undefined ? "" : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;
}

export interface EventStreamOptions {
  /** Of the request: aborted where the client goes away. */
  signal: AbortSignal;
  /** What is sent for a fault after the first event. */
  describe(error: unknown): string;
}

/**
 * Resolves with the first event, or after ten seconds; rejects where `events` fails before. The client is waited for where
 * it reads slower than is written, and `events` gets a signal that it has gone.
 */
export async function eventStream(
  events: (signal: AbortSignal) => AsyncIterable<string>,
  { signal, describe }: EventStreamOptions,
): Promise<Response> {
  const gone = new AbortController();
  const onAbort = () => gone.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  const iterator = events(gone.signal)[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<string>> | undefined = iterator.next();
  await orAfter(next, PATIENCE);
  const encoder = new TextEncoder();
  const end = () => signal.removeEventListener("abort", onAbort);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      next ??= iterator.next();
      try {
        const result = await orAfter(next, KEEP_ALIVE);
        if (result === undefined) return controller.enqueue(encoder.encode(": still there\n\n"));
        next = undefined;
        if (!result.done) return controller.enqueue(encoder.encode(result.value));
      } catch (error) {
        controller.enqueue(encoder.encode(describe(error)));
      }
      end();
      controller.close();
    },
    async cancel() {
      end();
      gone.abort();
      // What is under way ends with the signal; its fault is nobody's any more.
      next?.catch(() => undefined);
      await iterator.return?.();
    },
  });
  return new Response(body, { headers: HEADERS });
}

/** `undefined` where it takes longer than so many milliseconds. */
async function orAfter<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
