import { expect, test } from "vitest";
import { memoryOf, watchMemory } from "./watch-memory.ts";

test("what a process takes is known; of one that is not there, nothing", async () => {
  const own = process.memoryUsage.rss() / 1024 / 1024;
  const told = await memoryOf(process.pid);
  expect(told).toBeGreaterThan(own / 2);
  expect(told).toBeLessThan(own * 2);
  expect(await memoryOf(2 ** 30)).toBe(0);
});

test("a process that takes more than it may is told of, one that does not is not", async () => {
  let tooLarge = false;
  const endQuiet = watchMemory(process.pid, 1e6, () => {
    tooLarge = true;
  });
  let end = () => {};
  await new Promise<void>((resolve) => {
    end = watchMemory(process.pid, 1, resolve);
  });
  end();
  endQuiet();
  expect(tooLarge).toBe(false);
});
