/** Which library for processors llama.cpp computes with, each time in a new process: the first one that is loaded stays. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test, vi } from "vitest";
import { openGgml } from "../../src/tensor/ggml/bindings.ts";
import { compiledLibraryPath } from "../../src/tensor/ggml/compiled/compiled-library.ts";
import { loadCpuLibrary } from "../../src/tensor/ggml/cpu-library.ts";

/** What `vikhr compile` has made on this machine is not used here. */
const cache = mkdtempSync(join(tmpdir(), "vikhr-libraries-"));
vi.stubEnv("XDG_CACHE_HOME", cache);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

/** What a script here prints, in a process that can collect its garbage. */
async function printed(script: string, ...rest: string[]): Promise<unknown> {
  const args = ["--expose-gc", "--import", "tsx", script, ...rest];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

/** What the library uses after models with heads of these lengths were opened, one after the other. */
async function featuresAfter(...keyLengths: number[]): Promise<string[]> {
  const found = await printed(join(import.meta.dirname, "print-cpu-features.ts"), ...keyLengths.map(String));
  return (found as { features: string[] }).features;
}

test("a library that nobody holds stays loaded: ggml ends the process that loads it a second time", async () => {
  const [first, second] = (await printed(join(import.meta.dirname, "load-twice.ts"))) as number[];
  expect(first).toBeGreaterThan(0);
  expect(second).toBe(first);
});

test("narrow heads are computed without AVX-512, wide ones with all that there is", async () => {
  const all = await featuresAfter();
  expect(await featuresAfter(64)).toEqual(all);
  const narrow = await featuresAfter(32);
  const isWide = (feature: string) => feature.startsWith("AVX512") && process.arch === "x64";
  expect(narrow.filter(isWide)).toEqual([]);
  for (const feature of ["AVX2", "FMA", "F16C", "NEON"])
    expect(narrow.includes(feature)).toBe(all.includes(feature));
});

test("the first model of a process decides", async () => {
  expect(await featuresAfter(32, 128)).toEqual(await featuresAfter(32));
  expect(await featuresAfter(128, 32)).toEqual(await featuresAfter(128));
  await openGgml();
  await expect(loadCpuLibrary(["haswell"])).resolves.toBeUndefined();
});

test.runIf(process.platform === "linux" && process.arch === "x64")(
  "a compiled library that cannot be loaded is passed over",
  async () => {
    const path = compiledLibraryPath();
    const npms = await featuresAfter(32);
    mkdirSync(dirname(path), { recursive: true });
    for (const content of ["", "no library"]) {
      writeFileSync(path, content);
      expect(await featuresAfter(32)).toEqual(npms);
    }
  },
);
