/** The events of a response's body. Leaving the loop ends the request. */
import { parseSse, type ServerSentEvent } from "../../../src/engine/remote/parse-sse.ts";

export const readEventStream = (body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> =>
  parseSse(piecesOf(body));

/** Not every browser iterates over a stream. */
async function* piecesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
