import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSse, type ServerSentEvent } from "./parse-sse.ts";

async function parse(pieces: readonly Uint8Array[]): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = [];
  const source = (async function* () {
    yield* pieces;
  })();
  for await (const event of parseSse(source)) events.push(event);
  return events;
}

const bytes = (text: string) => [new TextEncoder().encode(text)];

test("comments, names, several data lines, any line ending, a byte order mark", async () => {
  const text =
    "\ufeff: ping\n\ndata: один\r\ndata:two\r\n\r\nevent: error\rdata: три\r\r: x\nid: 4\n\nerror: {}\n\n";
  expect(await parse(bytes(text))).toEqual([
    { type: "message", data: "один\ntwo" },
    { type: "error", data: "три" },
    { type: "error", data: "{}" },
  ]);
});

test("what the end cuts off is dropped", async () => {
  expect(await parse(bytes("data: a\n\ndata: b"))).toEqual([{ type: "message", data: "a" }]);
  expect(await parse(bytes("data: a\n\ndata: b\n"))).toEqual([{ type: "message", data: "a" }]);
  expect(await parse(bytes("data: a\r\rdata: b\r\r"))).toHaveLength(2);
});

test("however the bytes are split, the events are the same", async () => {
  const line = fc.constantFrom("data: да👍", "data:", "data: {}", ": c", "event: x", "nonsense", "", "");
  const text = fc
    .array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "\r")), { maxLength: 12 })
    .map((lines) => lines.map((parts) => parts.join("")).join(""));
  await fc.assert(
    fc.asyncProperty(text, fc.infiniteStream(fc.integer({ min: 1, max: 4 })), async (joined, sizes) => {
      const whole = bytes(joined)[0]!;
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < whole.length; ) {
        const size = sizes.next().value as number;
        pieces.push(whole.slice(at, at + size));
        at += size;
      }
      expect(await parse(pieces)).toEqual(await parse([whole]));
    }),
    { numRuns: 200 },
  );
});

test("an event without end is refused", async () => {
  const piece = new TextEncoder().encode("x".repeat(1024 * 1024));
  await expect(parse(Array.from({ length: 9 }, () => piece))).rejects.toThrow(/more than/);
});
