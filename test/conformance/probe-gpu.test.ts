/** GPUs as they fail: in a process of its own, and in words. */
import { expect, test } from "vitest";
import { openBackend } from "../../src/engine/embedded/bindings.ts";
import { probeGpu } from "../../src/engine/embedded/probe-gpu.ts";
import "./children-from-source.ts";

test("a kind of GPU that no machine of this platform has is told in words", async () => {
  const problem = await probeGpu(process.platform === "darwin" ? "cuda" : "metal");
  expect(problem).toMatch(/^there is none$|^llama.cpp does not start here: |^there are no prebuilt/);
});

test("where a GPU is chosen by itself, it is one that computes, or none", async () => {
  const backend = await openBackend("auto");
  if (backend.gpu === false) expect(await backend.gpuMemory()).toBeUndefined();
  else {
    // A driver's loader without a device is no GPU.
    expect((await backend.gpuMemory())!.total).toBeGreaterThan(0);
    expect(await probeGpu(backend.gpu)).toBeUndefined();
  }
});
