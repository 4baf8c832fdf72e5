/** `vikhr compile` with the real compiler: what it makes is used, and nothing is left of what was stopped. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { productsThatDiffer } from "../../src/tensor/ggml/compiled/check-products.ts";
import { canCompile } from "../../src/tensor/ggml/compiled/compiled-library.ts";
import { runTool } from "../../src/util/process/run-tool.ts";
import { runCli } from "./run-cli.ts";

const MINUTES = 60_000;
const hasTools = ["git", "cmake", "c++"].every((tool) => spawnSync(tool, ["--version"]).status === 0);
const folder = mkdtempSync(join(tmpdir(), "vikhr-compile-test-"));
const work = join(folder, "tmp");
mkdirSync(work);
afterAll(() => rmSync(folder, { recursive: true }));
const documents = join(import.meta.dirname, "../../examples/documents/warming.json");
const run = (...args: string[]) => runCli(args, { folder, env: { TMPDIR: work } });
const answer = async () => {
  const { code, stdout, stderr } = await run(
    ...["ask", "Глобальное потепление", "-d", documents, "--model", "nano", "--temperature", "0", "--json"],
  );
  expect([code, stderr]).toEqual([0, ""]);
  const { relevantDocIds, text } = JSON.parse(stdout) as { relevantDocIds: number[]; text: string };
  expect(text).not.toBe("");
  return { relevantDocIds, text };
};

test("on a machine where it cannot be compiled, one line says so", async () => {
  const { code, stdout, stderr } = await runCli(["compile"], { folder, env: { PATH: "/nowhere" } });
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(
    canCompile() ? /^vikhr: there is no git, [^\n]*\n$/ : /^vikhr: only on Linux[^\n]*\n$/,
  );
});

const can = canCompile() && hasTools;
describe.runIf(can)(can ? "compiled here" : "compiled here (skipped: it cannot be)", () => {
  let before: Awaited<ReturnType<typeof answer>>;
  beforeAll(async () => {
    before = await answer();
  });

  test.each([
    ["nothing", undefined, undefined],
    [
      "the last column of one row in Q4_0",
      "gemv_q4_0_8x8_q8_0",
      { weights: "q4_0", n: 32, rows: 1, columns: 8 },
    ],
    [
      "the last column of many rows in Q8_0",
      "gemm_q8_0_4x8_q8_0",
      { weights: "q8_0", n: 32, rows: 4, columns: 4 },
    ],
  ])("a library with products that are wrong is told: %s", async (_, wrong, shape) => {
    const names = ["gemm", "gemv"].flatMap((kind) =>
      ["q4_0_8x8_q8_0", "q4_0_8x8_q8_0_replaced", "q8_0_4x8_q8_0", "q8_0_4x8_q8_0_generic"].map(
        (name) => `${kind}_${name}`,
      ),
    );
    const functions = names.map(
      (name) =>
        `extern "C" void ggml_${name}(int, float * s, long, void *, void *, int, int nc) {
          s[0] = 1;
          s[nc - 1] = ${name === wrong ? 2 : 1};
        }`,
    );
    const [source, library] = ["cpp", "so"].map((end) => join(work, `${wrong ?? "right"}.${end}`));
    writeFileSync(source!, [...functions, 'extern "C" void ggml_cpu_init() {}'].join("\n"));
    await runTool("c++", ["-shared", "-fPIC", "-o", library!, source!]);
    expect(await productsThatDiffer(library!)).toEqual(shape);
    for (const file of [source!, library!]) rmSync(file);
  });

  test("Ctrl-C stops the compiler, and leaves nothing behind", async () => {
    let isStopped = false;
    const stopped = await runCli(["compile"], {
      folder,
      env: { TMPDIR: work },
      onStart(child) {
        const timer = setInterval(() => {
          const [made] = readdirSync(work);
          // The compiler is at work.
          if (made === undefined || !existsSync(join(work, made, "build", "Makefile"))) return;
          isStopped = true;
          clearInterval(timer);
          child.kill("SIGINT");
        }, 20);
      },
    });
    expect(isStopped).toBe(true);
    expect([stopped.code, stopped.stderr]).toEqual([130, "vikhr: stopped; nothing was changed\n"]);
    expect(readdirSync(work)).toEqual([]);
    expect(existsSync(join(folder, "xdg-cache"))).toBe(false);
  });

  test(
    "what it makes is used from then on, and answers as npm's does",
    async () => {
      const { code, stdout, stderr } = await run("compile", "--json");
      expect([code, stderr]).toEqual([0, ""]);
      const { path } = JSON.parse(stdout) as { path: string };
      expect(path.startsWith(folder)).toBe(true);
      expect(readdirSync(work)).toEqual([]);
      expect((await run("doctor")).stdout).toMatch(/^ok +llama\.cpp [^\n]*; compiled for this processor$/m);
      expect(await answer()).toEqual(before);
      const script = join(import.meta.dirname, "../conformance/print-cpu-features.ts");
      for (const keyLength of ["32", "128"]) {
        const { status, stdout } = spawnSync(process.execPath, ["--import", "tsx", script, keyLength], {
          env: { ...process.env, XDG_CACHE_HOME: join(folder, "xdg-cache") },
          encoding: "utf8",
        });
        expect(status).toBe(0);
        expect((JSON.parse(stdout) as { libraries: string[] }).libraries).toContain(path);
      }
      rmSync(path);
      expect((await run("doctor")).stdout).toMatch(/^ok +llama\.cpp [^\n]*; vikhr compile makes it faster$/m);
    },
    5 * MINUTES,
  );
});
