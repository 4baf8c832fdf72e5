import { expect, test } from "vitest";
import { calibrateThreads } from "./calibrate-threads.ts";
import { openGgmlBackend } from "./ggml/backend.ts";

test("finds a number of threads within bounds, and the backend computes with it", async () => {
  const backend = await openGgmlBackend();
  expect(await calibrateThreads(backend, { maxThreads: 1 })).toBe(1);
  const threads = await calibrateThreads(backend, { maxThreads: 2 });
  expect([1, 2]).toContain(threads);
  backend.close();
});
