/**
 * The embedded engine passes the suite of all engines on a GPU, too: on a real one, or on Mesa's, which computes Vulkan's
 * programs on the processor (on Debian: apt-get install mesa-vulkan-drivers).
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBackend } from "../../src/engine/embedded/bindings.ts";
import { openEmbedded, openTokenEngine } from "../../src/engine/embedded/open-embedded.ts";
import "./children-from-source.ts";
import { languageModelConformance } from "./language-model.ts";
import { writeTinyGguf } from "./tiny-gguf.ts";

// llama.cpp takes a processor for a GPU only where it is told to.
process.env.GGML_VK_VISIBLE_DEVICES ??= "0";
const drivers = "/usr/share/vulkan/icd.d";
const hasMesa = existsSync(drivers) && readdirSync(drivers).some((name) => name.startsWith("lvp_icd"));
// Where Mesa is, it must be found: a fault of ours is not to pass for a machine without a GPU.
const hasGpu =
  hasMesa ||
  (await openBackend(true).then(
    () => true,
    () => false,
  ));

const folder = mkdtempSync(join(tmpdir(), "vikhr-gpu-"));
const path = join(folder, "tiny.gguf");
beforeAll(() => writeTinyGguf(path));
afterAll(() => rmSync(folder, { recursive: true }));

describe.runIf(hasGpu)(hasGpu ? "on a GPU" : "on a GPU (skipped: there is none, nor Mesa's)", () => {
  languageModelConformance("embedded", () => openEmbedded(path, { gpu: true }), { tolerance: 0.01 });

  // Until the processor computes alone, below.
  test.runIf(process.platform === "linux")("one ggml is loaded, the GPU's", () => {
    const maps = readFileSync("/proc/self/maps", "utf8");
    expect(new Set(maps.match(/[^/\n]*\/libggml-base\.so/g)).size).toBe(1);
  });

  test("log-probabilities are the processor's", async () => {
    const prompt = Array.from({ length: 300 }, (_, i) => (i * 7) % 200);
    const completion = Array.from({ length: 100 }, (_, i) => (i * 11) % 200);
    const [there, here] = await Promise.all(
      [true, false].map(async (gpu) => {
        const { engine, loaded } = await openTokenEngine(path, { gpu });
        expect(loaded.gpuLayers).toBe(gpu ? loaded.layers : 0);
        const scores = await engine.score(prompt, completion, new AbortController().signal);
        await engine.close();
        return scores;
      }),
    );
    for (const [i, score] of there!.entries()) expect(Math.abs(score - here![i]!)).toBeLessThan(0.02);
  });
});
