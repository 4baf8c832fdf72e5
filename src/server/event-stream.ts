/** Named events, one after another, as a response that flows (text/event-stream). */
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import { toOpenAIError } from "./openai-error.ts";

/** Resolves once there is room for more. */
export type SendEvent = (event: string, data: unknown) => Promise<void>;

/** `signal` aborts when the client is gone. What `run` throws becomes the event `error`. */
export function eventStream(
  context: Context,
  run: (send: SendEvent, signal: AbortSignal) => Promise<void>,
): Response {
  return streamSSE(context, async (stream) => {
    const abort = new AbortController();
    stream.onAbort(() => abort.abort());
    const send: SendEvent = (event, data) => stream.writeSSE({ event, data: JSON.stringify(data) });
    try {
      await run(send, abort.signal);
    } catch (error) {
      if (!abort.signal.aborted) await send("error", toOpenAIError(error).body);
    }
  });
}
