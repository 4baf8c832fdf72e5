import { expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { eventStream, type SendEvent } from "./event-stream.ts";

test("events come in order, in the format of browsers, and the stream ends", async () => {
  const response = eventStream(async (send) => {
    await send({ data: { text: "а\n\nб" } });
    await send({ event: "done", data: {} });
    await send({ data: "[DONE]" });
  });
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  expect(await response.text()).toBe(
    'data: {"text":"а\\n\\nб"}\n\nevent: done\ndata: {}\n\ndata: [DONE]\n\n',
  );
});

test("what fails is the last event, and faults of ours say no more than that", async () => {
  const ofUser = eventStream(async () => {
    throw new InputError("the file is damaged");
  });
  expect(await ofUser.text()).toMatch(
    /^event: error\ndata: \{"error":\{"message":"the file is damaged","type":"invalid/,
  );
  const ours = eventStream(async () => {
    throw new Error("secret");
  });
  expect(await ours.text()).toMatch(/^event: error\ndata: \{"error":\{"message":"something went wrong/);
});

test("a client that does not read holds up who sends, and whoever waits goes on when it reads", async () => {
  const total = 500;
  let sent = 0;
  const response = eventStream(async (send) => {
    for (; sent < total; sent++) await send({ data: { text: "x".repeat(1000) } });
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(sent).toBeGreaterThan(0);
  expect(sent).toBeLessThan(100);
  expect((await response.text()).match(/\n\n/g)).toHaveLength(total);
});

test("a client that goes away aborts, lets go of who waits, and nothing more is sent to it", async () => {
  let send!: SendEvent;
  let ended!: () => void;
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const response = eventStream(async (given, signal) => {
    send = given;
    while (!signal.aborted) await send({ data: { text: "x".repeat(1000) } });
    await send({ event: "done", data: {} });
    ended();
  });
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  await end;
  expect(send({ data: {} })).toBeUndefined();
});
