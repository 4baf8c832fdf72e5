/** The body of a response as events; how they are parsed is tested beside parseSse. */
import { expect, test } from "vitest";
import { readEventStream } from "./event-stream.ts";

const BYTES = new TextEncoder().encode("event: text\ndata: Байкал\n\ndata: 2\n\n");

test("letters that a chunk of bytes cuts come out whole, and the loop ends with the body", async () => {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of BYTES) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const read = [];
  for await (const event of readEventStream(body)) read.push(event);
  expect(read).toEqual([
    { type: "text", data: "Байкал" },
    { type: "message", data: "2" },
  ]);
});

test("leaving the loop cancels the body", async () => {
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(BYTES),
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
