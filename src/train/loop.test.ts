/** The loop by itself, on a model of some hundred parameters. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { InputError, VikhrError } from "../errors.ts";
import type { LlamaConfig } from "../model/llama-config.ts";
import { initialValues, llamaParameters } from "../model/llama-parameters.ts";
import { openGgmlBackend } from "../tensor/ggml/backend.ts";
import type { ClusterSource } from "./data-order.ts";
import { type LoopHooks, type LoopOptions, type StepReport, trainLoop } from "./loop.ts";
import type { TrainingMethod } from "./method.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-loop-"));
const backend = await openGgmlBackend();
afterAll(() => {
  backend.close();
  rmSync(folder, { recursive: true });
});

const config: LlamaConfig = {
  vocabularySize: 12,
  width: 8,
  layers: 1,
  heads: 2,
  kvHeads: 1,
  headSize: 4,
  feedForward: 8,
  ropeBase: 10_000,
  rmsEpsilon: 1e-5,
  contextLength: 32,
  tied: true,
};

/** A row is a length: so many tokens that count up. */
const counting: TrainingMethod<number> = {
  name: "counting",
  encode: (rows) =>
    rows.map((length) => ({
      ids: Int32Array.from({ length }, (_, i) => (length + i) % 12),
      weights: new Float32Array(length).fill(1),
      isAnswer: new Uint8Array(length).fill(1),
    })),
  loss(logprobs, rows, step) {
    const total = step.reduce((n, row) => n + row.weights.reduce((a, b) => a + b, 0), 0);
    const weights = rows.flatMap((row) => [...row.weights]);
    const loss = weights.reduce((sum, w, i) => sum - (w * logprobs[i]!) / total, 0);
    return { loss, gradient: Float32Array.from(weights, (w) => -w / total), metrics: { rows: rows.length } };
  },
};

const source = (lengths: number[], epochs = 1): ClusterSource<number> => ({
  length: lengths.length,
  total: epochs * lengths.length,
  cluster: (n) => [lengths[n % lengths.length]!],
});

const options = (name: string): LoopOptions => ({
  schedule: { type: "linear", learningRate: 0.01, warmupSteps: 2, finalFraction: 0 },
  optimizer: "adamw",
  rowLength: 10,
  microBatchRows: 1,
  accumulation: 2,
  checkpointing: false,
  checkpointPath: join(folder, `${name}.gguf`),
  checkpointSeconds: Number.POSITIVE_INFINITY,
  fingerprint: name,
  evalSteps: 2,
});

async function run(
  name: string,
  data: { train: ClusterSource<number>; evaluation?: ClusterSource<number> },
  changes: Partial<LoopOptions> = {},
  hooks: LoopHooks = {},
  method = counting,
) {
  const parameters = llamaParameters(config);
  backend.allocate(parameters.all);
  for (const [p, values] of initialValues(config, parameters, 1)) backend.write(p, values);
  const reports: StepReport[] = [];
  const onStep = async (report: StepReport) => {
    reports.push(report);
    await hooks.onStep?.(report);
  };
  const model = { config, parameters, backend };
  const { state } = await trainLoop(
    method,
    model,
    data,
    { ...options(name), ...changes },
    { ...hooks, onStep },
  );
  return { state, reports, values: parameters.all.map((p) => backend.read(p)) };
}

describe("the loop", () => {
  test("goes once through the data, counts what it left out, and evaluates when it is time and at the end", async () => {
    const data = { train: source([8, 6, 30, 9, 9, 5, 4, 3, 10]), evaluation: source([7, 7, 7]) };
    const { state, reports } = await run("once", data);
    expect(state).toMatchObject({ clusters: 9, passed: [], tokens: 54, step: reports.length });
    expect(reports.at(-1)).toMatchObject({ progress: 1, dropped: 1 });
    const evaluated = reports.filter((r) => "eval_loss" in r.metrics).map((r) => r.state.step);
    expect(evaluated).toEqual([...new Set([2, 4, reports.length])].filter((n) => n <= reports.length));
    // Three evaluation rows by one; a step has two micro-batches.
    expect(reports.at(-1)!.metrics).toMatchObject({ rows: 2, eval_rows: 3 });
    expect(reports[0]!.learningRate).toBeCloseTo(0.005);
  });

  test("ends at maxSteps, and learns", async () => {
    const { state, reports } = await run(
      "short",
      { train: source([9, 9, 9], Number.POSITIVE_INFINITY) },
      { maxSteps: 12 },
    );
    expect(state.step).toBe(12);
    expect(reports[11]!.loss).toBeLessThan(reports[0]!.loss);
  });

  test("stopped after a step and started again, goes on bit for bit", async () => {
    const train = source([8, 6, 9, 9, 5, 4, 3, 10, 7, 7, 2, 9], 2);
    const whole = await run("whole", { train });
    const stop = new AbortController();
    const onStep = ({ state }: StepReport) => (state.step === 3 ? stop.abort() : undefined);
    const first = await run("parts", { train }, {}, { signal: stop.signal, onStep });
    expect(first.state.step).toBe(3);
    expect(first.state.passed).not.toEqual([]);
    const begun: number[] = [];
    const onBegin = ({ step }: { step: number }) => void begun.push(step);
    const second = await run("parts", { train }, {}, { onBegin });
    expect(begun).toEqual([3]);
    expect(second.values).toEqual(whole.values);
    const figures = ({ reports }: typeof whole) => reports.map((r) => [r.state.step, r.loss, r.gradNorm]);
    expect([...figures(first), ...figures(second)]).toEqual(figures(whole));
  });
});

describe("an error in one line", () => {
  test("where nothing fits, also of endless data", async () => {
    for (const epochs of [1, Number.POSITIVE_INFINITY]) {
      const attempt = run(`long-${epochs}`, { train: source([11, 12, 40], epochs) });
      await expect(attempt).rejects.toThrow(InputError);
      await expect(attempt).rejects.toThrow(/3 dialogues .* longer than 10 tokens/);
    }
    const evaluation = source([11]);
    await expect(run("long-eval", { train: source([5]), evaluation })).rejects.toThrow(
      /longer than 10 tokens/,
    );
  });

  test("where the loss is no number any more, with the last checkpoint left whole", async () => {
    const train = source([9], Number.POSITIVE_INFINITY);
    const path = options("diverged").checkpointPath;
    const save = { maxSteps: 9, checkpointSeconds: 0 };
    let step = 0;
    const failing: TrainingMethod<number> = {
      ...counting,
      loss(logprobs, rows, all) {
        const found = counting.loss(logprobs, rows, all);
        return step === 3 ? { ...found, loss: Number.NaN } : found;
      },
    };
    let saved: Buffer | undefined;
    const onStep = (report: StepReport) => {
      step = report.state.step;
      if (step === 3) saved = existsSync(path) ? readFileSync(path) : undefined;
    };
    const attempt = run("diverged", { train }, save, { onStep }, failing);
    await expect(attempt).rejects.toThrow(VikhrError);
    await expect(attempt).rejects.toThrow(/step 4: the loss is NaN.*lower learning_rate/);
    expect(saved).toBeDefined();
    expect((await run("diverged", { train }, { maxSteps: 3 })).state.step).toBe(3);
  });
});
