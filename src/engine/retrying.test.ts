import { expect, test } from "vitest";
import { retrying, TransientError } from "./retrying.ts";

const signal = new AbortController().signal;
const failing = (times: number, error: () => Error) => {
  let calls = 0;
  const attempt = async () => {
    if (calls++ < times) throw error();
    return calls;
  };
  return attempt;
};
const busy = () => new TransientError("busy", { retryAfter: 0 });

test("tries again what may pass, so many times", async () => {
  expect(await retrying(failing(3, busy), { retries: 3, signal })).toBe(4);
  await expect(retrying(failing(3, busy), { retries: 2, signal })).rejects.toThrow("busy");
  await expect(
    retrying(
      failing(1, () => new Error("wrong")),
      { retries: 2, signal },
    ),
  ).rejects.toThrow("wrong");
});

test("an abort ends the pause", async () => {
  const controller = new AbortController();
  const slow = () => new TransientError("busy", { retryAfter: 50_000 });
  const waiting = retrying(failing(1, slow), { retries: 2, signal: controller.signal });
  controller.abort();
  await expect(waiting).rejects.toThrow(/abort/);
});

test("a pause that is longer than one waits is not waited for", async () => {
  const away = () => new TransientError("busy", { retryAfter: 50 });
  await expect(retrying(failing(1, away), { retries: 2, signal, longestPause: 49 })).rejects.toThrow("busy");
  expect(await retrying(failing(1, away), { retries: 2, signal, longestPause: 50 })).toBe(2);
});
