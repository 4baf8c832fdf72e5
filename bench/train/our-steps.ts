/**
 * Our side of the measurement: the training loop itself, packing, masks, loss and clipping included, on random
 * tokens, so that each row is full. Steps are taken on request, for runs of several trainers to alternate.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { initialValues, llamaParameters, parameterCount } from "../../src/model/llama-parameters.ts";
import type { GgmlBackend } from "../../src/tensor/ggml/backend.ts";
import type { ClusterSource } from "../../src/train/data-order.ts";
import { trainLoop } from "../../src/train/loop.ts";
import type { TrainingMethod } from "../../src/train/method.ts";
import type { PackedRow } from "../../src/train/pack.ts";
import type { BenchShape } from "./shapes.ts";

export interface Duration {
  seconds: number;
  /** Of the processor, over all threads: hardly changed by other work on the machine. */
  cpuSeconds: number;
}

export interface Steps {
  parameters: number;
  /** Takes so many steps. */
  take(steps: number): Promise<Duration>;
  close(): Promise<void>;
}

export function ourSteps(shape: BenchShape, backend: GgmlBackend): Steps {
  const { config } = shape;
  const parameters = llamaParameters(config);
  backend.allocate(parameters.all);
  for (const [p, values] of initialValues(config, parameters, 0)) backend.write(p, values);
  const folder = mkdtempSync(join(tmpdir(), "vikhr-bench-"));
  const stop = new AbortController();
  let wanted = 0;
  let spent = 0;
  let started: () => void = () => {};
  let finished: (seconds: number) => void = () => {};
  let seconds = 0;
  const hooks = {
    signal: stop.signal,
    // Before the first step and after each the loop waits here for more to be wanted.
    onBegin: () => pause(),
    async onStep({ state }: { state: { seconds: number } }) {
      spent += state.seconds - seconds;
      seconds = state.seconds;
      if (--wanted === 0) await pause();
    },
  };
  const pause = () =>
    new Promise<void>((resolve) => {
      started = resolve;
      finished(spent);
      spent = 0;
    });
  let idle = new Promise<number>((resolve) => {
    finished = resolve;
  });
  const loop = trainLoop(
    randomTokens(shape),
    { config, parameters, backend },
    { train: oneSequenceAtATime },
    options(shape, folder),
    hooks,
  );
  return {
    parameters: parameterCount(parameters),
    async take(steps) {
      await idle;
      const before = process.cpuUsage();
      wanted = steps;
      idle = new Promise((resolve) => {
        finished = resolve;
      });
      started();
      const seconds = await Promise.race([idle, loop.then(() => Number.NaN)]);
      const { user, system } = process.cpuUsage(before);
      return { seconds, cpuSeconds: (user + system) / 1e6 };
    },
    async close() {
      await idle;
      stop.abort();
      wanted = 1;
      started();
      await loop;
      rmSync(folder, { recursive: true });
    },
  };
}

function options({ length, rows }: BenchShape, folder: string) {
  return {
    schedule: { type: "constant" as const, learningRate: 1e-4, warmupSteps: 0, finalFraction: 1 },
    optimizer: "adamw" as const,
    rowLength: length,
    microBatchRows: rows,
    accumulation: 1,
    checkpointing: false,
    checkpointPath: join(folder, "checkpoint.gguf"),
    checkpointSeconds: Number.POSITIVE_INFINITY,
    fingerprint: "bench",
    evalSteps: Number.POSITIVE_INFINITY,
  };
}

const oneSequenceAtATime: ClusterSource<null> = {
  length: Number.POSITIVE_INFINITY,
  total: Number.POSITIVE_INFINITY,
  cluster: () => [null],
};

/** Plain cross-entropy over full rows of random tokens. */
function randomTokens({ config, length }: BenchShape): TrainingMethod<null> {
  const generator = xoroshiro128plus(1);
  return {
    name: "random",
    encode: () => [
      {
        ids: Int32Array.from({ length }, () => uniformInt(generator, 0, config.vocabularySize - 1)),
        weights: new Float32Array(length).fill(1),
        isAnswer: new Uint8Array(length).fill(1),
      },
    ],
    loss(logprobs: Float32Array, rows: readonly PackedRow[]) {
      const weights = rows.flatMap((row) => [...row.weights]);
      const total = weights.reduce((a, b) => a + b, 0);
      const gradient = Float32Array.from(weights, (w) => -w / total);
      return { loss: gradient.reduce((sum, g, i) => sum + g * logprobs[i]!, 0), gradient, metrics: {} };
    },
  };
}
