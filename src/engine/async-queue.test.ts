import { expect, test } from "vitest";
import { AsyncQueue } from "./async-queue.ts";

test("delivers in order what comes before and while someone waits", async () => {
  const queue = new AsyncQueue<number>();
  queue.push(1);
  queue.push(2);
  const seen: number[] = [];
  const reading = (async () => {
    for await (const value of queue) seen.push(value);
  })();
  await new Promise(setImmediate);
  expect(seen).toEqual([1, 2]);
  queue.push(3);
  queue.close();
  await reading;
  expect(seen).toEqual([1, 2, 3]);
});

test("a failure comes after the values before it", async () => {
  const queue = new AsyncQueue<number>();
  queue.push(1);
  queue.fail(new Error("broken"));
  const seen: number[] = [];
  const read = async () => {
    for await (const value of queue) seen.push(value);
  };
  await expect(read()).rejects.toThrow("broken");
  expect(seen).toEqual([1]);
});
