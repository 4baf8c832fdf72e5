/**
 * Server-sent events: bytes in any pieces -> events, as the HTML standard reads them (any line ending, comments,
 * several data lines). An event that the stream's end cuts off is dropped. Knows nothing of what events mean.
 */
import { VikhrError } from "../../errors.ts";

export interface ServerSentEvent {
  /** `message` where the server names none. */
  type: string;
  data: string;
}

/** Threat: a server that never ends a line would fill the memory. Real events are a few kilobytes. */
const MAX_EVENT_CHARACTERS = 8 * 1024 * 1024;

export async function* parseSse(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  // Holds back half characters, and drops a byte order mark.
  const decoder = new TextDecoder("utf-8");
  let rest = "";
  let event = new EventBuilder();
  for await (const piece of bytes) {
    const text = decoder.decode(piece, { stream: true });
    const endsLine = rest.endsWith("\r") || /[\r\n]/.test(text);
    rest += text;
    // A CR at the end may be the first half of CRLF: it waits.
    const lines = endsLine ? rest.split(/\r\n|\n|\r(?!$)/) : [rest];
    rest = lines.pop()!;
    for (const line of lines) {
      const done = event.line(line);
      if (!done) continue;
      event = new EventBuilder();
      if (done.data !== undefined) yield { type: done.type, data: done.data };
    }
    if (rest.length + event.size > MAX_EVENT_CHARACTERS)
      throw new VikhrError(`the server sent an event of more than ${MAX_EVENT_CHARACTERS} characters`);
  }
  if (rest === "\r") {
    const done = event.line("");
    if (done?.data !== undefined) yield { type: done.type, data: done.data };
  }
}

class EventBuilder {
  #type = "message";
  #data: string[] = [];
  size = 0;

  /** The event, once its empty line has come; without data where it had none. */
  line(line: string): { type: string; data: string | undefined } | undefined {
    if (line === "")
      return { type: this.#type, data: this.#data.length > 0 ? this.#data.join("\n") : undefined };
    this.size += line.length;
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#type = value;
    // Not of the standard: llama-server's way to say that generation failed.
    else if (field === "error") {
      this.#type = "error";
      this.#data.push(value);
    }
    return undefined;
  }
}
