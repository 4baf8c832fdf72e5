/** The parser of event streams, on pieces cut anywhere. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { EventStreamParser, readEventStream, type StreamEvent } from "./event-stream.ts";

const name = fc.constantFrom("hits", "text", "done");
const data = fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\r\n]/g, " "));
const events = fc.array(fc.record({ event: name, data }), { maxLength: 8 });
const lineBreak = fc.constantFrom("\n", "\r\n", "\r");

function spell(list: readonly StreamEvent[], end: string): string {
  return list
    .map(({ event, data }) => `: comment${end}event: ${event}${end}data: ${data}${end}${end}`)
    .join("");
}

function cut(text: string, places: readonly number[]): string[] {
  const at = [0, ...places.map((n) => n % (text.length + 1)).sort((a, b) => a - b), text.length];
  return at.slice(1).map((end, i) => text.slice(at[i], end));
}

test("wherever the pieces are cut, and however lines end, the events are the same", () => {
  fc.assert(
    fc.property(events, lineBreak, fc.array(fc.nat(), { maxLength: 6 }), (list, end, places) => {
      const parser = new EventStreamParser();
      const read = cut(spell(list, end), places).flatMap((piece) => parser.push(piece));
      // The last \r may be half of a line break: the next byte tells.
      if (end === "\r") read.push(...parser.push("\n"));
      expect(read).toEqual(list);
    }),
  );
});

test("data of several lines is joined, events without data are none, one without a name is a message", () => {
  const parser = new EventStreamParser();
  expect(parser.push("data: a\ndata:b\nid: 3\n\nevent: empty\n\ndata\n\n")).toEqual([
    { event: "message", data: "a\nb" },
    { event: "message", data: "" },
  ]);
});

test("any text is read without an error", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string()),
      (pieces) => void pieces.flatMap((p) => new EventStreamParser().push(p)),
    ),
  );
});

test("letters that a chunk of bytes cuts come out whole, and leaving the loop cancels the body", async () => {
  const bytes = new TextEncoder().encode("data: Байкал\n\ndata: 2\n\n");
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
    },
    cancel() {
      isCancelled = true;
    },
  });
  for await (const { data } of readEventStream(body)) {
    expect(data).toBe("Байкал");
    break;
  }
  expect(isCancelled).toBe(true);
});
