import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { InputError } from "../../errors.ts";
import { fakeLanguageModel } from "../../testing/fake-language-model.ts";
import { TransientError } from "../retrying.ts";
import { Member } from "./member.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const down = () => new TransientError("down");

/** A member that answers as `server` says at the time. */
function memberOf(server: { error?: Error | undefined }) {
  const said: (string | undefined)[] = [];
  const models: ReturnType<typeof fakeLanguageModel>[] = [];
  const asked: number[] = [];
  const open = async () => {
    asked.push(Date.now());
    if (server.error) throw server.error;
    models.push(fakeLanguageModel({ replies: () => "yes" }));
    return models.at(-1)!;
  };
  const member = new Member({ name: "http://a", open }, (_, failure) =>
    said.push(failure === undefined ? undefined : (failure as Error).message),
  );
  return { member, said, models, asked };
}

test("is not well before it was asked, and says nothing where all is in order", async () => {
  const { member, said } = memberOf({});
  expect(member.isWell).toBe(false);
  await member.check();
  expect(member.isWell).toBe(true);
  expect(member.model?.name).toBe("fake");
  expect(said).toEqual([]);
  await member.close();
});

test("one that is out of reach is asked after pauses that grow to a minute, and told of once each way", async () => {
  const server: { error?: Error | undefined } = { error: down() };
  const { member, said, asked } = memberOf(server);
  await member.check();
  for (let i = 0; i < 12; i++) await vi.advanceTimersToNextTimerAsync();
  const pauses = asked.slice(1).map((time, i) => time - asked[i]!);
  for (const [i, pause] of pauses.entries()) {
    const longest = Math.min(1000 * 2 ** i, 60_000);
    expect(pause).toBeGreaterThanOrEqual(longest / 2);
    expect(pause).toBeLessThanOrEqual(longest);
  }
  expect(said).toEqual(["down"]);
  server.error = undefined;
  await vi.advanceTimersToNextTimerAsync();
  expect(member.isWell).toBe(true);
  expect(said).toEqual(["down", undefined]);
  await member.close();
});

test("one that is well is asked now and then, and left out where it does not answer", async () => {
  const server: { error?: Error | undefined } = {};
  const { member, said } = memberOf(server);
  await member.check();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(member.isWell).toBe(true);
  server.error = down();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(member.isWell).toBe(false);
  expect(said).toEqual(["down"]);
  await member.close();
});

test("pauses go on growing while it answers checks and fails requests, until one is served", async () => {
  const { member, asked } = memberOf({});
  await member.check();
  const pauseAfterFailure = async () => {
    // Of many that fail at once the first counts.
    for (let i = 0; i < 50; i++) member.failed(down());
    expect(member.isWell).toBe(false);
    const from = Date.now();
    await vi.advanceTimersToNextTimerAsync();
    expect(member.isWell).toBe(true);
    return asked.at(-1)! - from;
  };
  for (const longest of [1000, 2000, 4000]) {
    const pause = await pauseAfterFailure();
    expect(pause).toBeGreaterThanOrEqual(longest / 2);
    expect(pause).toBeLessThanOrEqual(longest);
  }
  member.served();
  expect(await pauseAfterFailure()).toBeLessThanOrEqual(1000);
  await member.close();
});

test("a server that says when to come again is not asked before, within a minute", async () => {
  const { member, asked } = memberOf({});
  await member.check();
  member.failed(new TransientError("busy", { retryAfter: 20_000 }));
  const from = Date.now();
  await vi.advanceTimersToNextTimerAsync();
  expect(asked.at(-1)! - from).toBe(20_000);
  member.failed(new TransientError("busy", { retryAfter: 3_600_000 }));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(member.isWell).toBe(true);
  await member.close();
});

test("asked by many at once it is asked once", async () => {
  const { member, asked } = memberOf({ error: new InputError("no such model") });
  await Promise.all([member.check(), member.check(), member.check()]);
  expect(asked).toHaveLength(1);
  expect(member.failure).toMatchObject({ message: "no such model" });
  await member.close();
});

test("what it is now takes the place of what it was, but not under a request", async () => {
  const { member, models } = memberOf({});
  await member.check();
  member.load = 1;
  await member.check();
  expect(member.model).toBe(models[0]);
  expect(models.map(({ closed }) => closed)).toEqual([false, true]);
  member.load = 0;
  await member.check();
  expect(member.model).toBe(models[2]);
  expect(models.map(({ closed }) => closed)).toEqual([true, true, false]);
  await member.close();
  expect(models.every(({ closed }) => closed)).toBe(true);
});

test("closed, it is asked no more, and a check under way ends", async () => {
  const server: { error?: Error | undefined } = { error: down() };
  const { member, asked } = memberOf(server);
  await member.check();
  await member.close();
  expect(vi.getTimerCount()).toBe(0);
  expect(asked).toHaveLength(1);

  const hanging = new Member(
    {
      name: "b",
      open: (signal) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    },
    () => {
      throw new Error("nobody is to be told of it");
    },
  );
  const checked = hanging.check();
  await hanging.close();
  await checked;
  expect(vi.getTimerCount()).toBe(0);
});
