/**
 * The one training loop: a method, a model on a backend and a source of clusters in; an updated model out. Knows
 * nothing of files but the checkpoint, nothing of people but the hooks.
 */
import { existsSync } from "node:fs";
import { InputError, VikhrError } from "../errors.ts";
import { type BatchInputs, batchInputs, batchLeaves, llamaLogprobs } from "../model/llama.ts";
import type { LlamaConfig } from "../model/llama-config.ts";
import { hiddenMatrices, type LlamaParameters } from "../model/llama-parameters.ts";
import type { Backend } from "../tensor/backend.ts";
import { backward } from "../tensor/backward.ts";
import { leaf } from "../tensor/ops.ts";
import { type Optimizer, type OptimizerOptions, openOptimizer } from "../tensor/optimizer.ts";
import { visibleBlocks } from "../tensor/visible-blocks.ts";
import { auxiliaryLoss } from "./auxiliary.ts";
import { loadCheckpoint, type RunState, saveCheckpoint } from "./checkpoint.ts";
import type { ClusterSource } from "./data-order.ts";
import type { TrainingMethod } from "./method.ts";
import { DATA_START, type DataPlace, type PackedRow, type PackResult, rowPacker, writeMask } from "./pack.ts";
import { learningRateAt, type ScheduleOptions } from "./schedule.ts";

export interface LoopOptions extends Omit<OptimizerOptions, "muon"> {
  /** `muon`: hidden matrices by Muon, the rest by AdamW. */
  optimizer: "adamw" | "muon";
  schedule: ScheduleOptions;
  /** Ends the run before its data do. Default Infinity. */
  maxSteps?: number;
  /** Tokens in a packed row. */
  rowLength: number;
  /** Rows evaluated at once. */
  microBatchRows: number;
  /** Micro-batches whose gradients add up to one step. */
  accumulation: number;
  /** Recompute activations in the backward pass. */
  checkpointing: boolean;
  /** Where the state is kept, and found when the run starts. */
  checkpointPath: string;
  /** Seconds between checkpoints. */
  checkpointSeconds: number;
  fingerprint: string;
  /** Steps between evaluations. */
  evalSteps: number;
  /** Loss weight of auxiliary targets. Default 0. */
  auxiliaryWeight?: number;
}

export interface StepReport {
  state: RunState;
  /** Part of the run that is done, in [0, 1]. */
  progress: number;
  loss: number;
  learningRate: number;
  gradNorm: number;
  /** Sequences left out since the start or resumption, because they do not fit. */
  dropped: number;
  /** Of the method; with `eval_` before them those over the evaluation rows, where it was their turn. */
  metrics: Record<string, number>;
}

export interface LoopHooks {
  /** Once, before the first step, with the state from which the run goes on: that of step 0, or of the checkpoint. */
  onBegin?(state: RunState): void | Promise<void>;
  /** After every step. */
  onStep?(report: StepReport): void | Promise<void>;
  /** Stops after the running step, with a checkpoint. */
  signal?: AbortSignal;
}

/**
 * Trains until `maxSteps` or the end of the data (`done`), or until the signal; resumes where `checkpointPath`
 * stands.
 */
export async function trainLoop<Row>(
  method: TrainingMethod<Row>,
  model: { config: LlamaConfig; parameters: LlamaParameters; backend: Backend },
  data: { train: ClusterSource<Row>; evaluation?: ClusterSource<Row> },
  options: LoopOptions,
  hooks: LoopHooks = {},
): Promise<{ state: RunState; done: boolean }> {
  const { maxSteps = Number.POSITIVE_INFINITY } = options;
  const muon = options.optimizer === "muon" ? hiddenMatrices(model.parameters) : [];
  const optimizer = openOptimizer(model.backend, model.parameters.all, { ...options, muon });
  const stepper = compileStep(model, optimizer, options);
  const evaluationRows = data.evaluation && packEvaluation(method, data.evaluation, options);
  let state: RunState = {
    step: 0,
    ...DATA_START,
    tokens: 0,
    seconds: 0,
    fingerprint: options.fingerprint,
  };
  if (existsSync(options.checkpointPath))
    state = loadCheckpoint(options.checkpointPath, options.fingerprint, model.backend, optimizer);
  const pack = stepPacker(method, data.train, options, state);
  await hooks.onBegin?.(state);
  let saved = performance.now();
  let dropped = 0;
  const save = () => saveCheckpoint(options.checkpointPath, state, model.backend, optimizer);
  const progressOf = (at: RunState) =>
    Math.min(1, Math.max(at.step / maxSteps, doneOf(at, data.train.total)));
  try {
    while (progressOf(state) < 1 && !hooks.signal?.aborted) {
      const started = performance.now();
      const packed = pack();
      dropped += packed.dropped;
      const learningRate = learningRateAt(state.step + 1, progressOf(state), options.schedule);
      const { loss, metrics } = await stepper.gradients(method, packed.rows);
      const gradNorm = await optimizer.step(learningRate);
      if (!Number.isFinite(gradNorm) || !Number.isFinite(loss))
        throw new VikhrError(
          `step ${state.step + 1}: the loss is ${loss} and the gradient norm ${gradNorm}: start again in another output_dir with a lower learning_rate`,
        );
      state = {
        ...state,
        step: state.step + 1,
        ...packed.place,
        tokens: state.tokens + packed.rows.reduce((n, row) => n + row.used, 0),
        seconds: state.seconds + (performance.now() - started) / 1000,
      };
      const progress = progressOf(state);
      if (evaluationRows && (state.step % options.evalSteps === 0 || progress === 1))
        for (const [name, value] of Object.entries(await stepper.evaluate(method, evaluationRows)))
          metrics[`eval_${name}`] = value;
      await hooks.onStep?.({ state, progress, loss, learningRate, gradNorm, dropped, metrics });
      if (performance.now() - saved > options.checkpointSeconds * 1000) {
        await save();
        saved = performance.now();
      }
    }
    await save();
    return { state, done: progressOf(state) === 1 };
  } finally {
    stepper.close();
    optimizer.close();
  }
}

/** The part of the clusters that is packed to its end, in [0, 1]. */
const doneOf = ({ clusters, passed }: DataPlace, total: number): number => (clusters - passed.length) / total;

/** Packs the rows of one optimizer step after another. Throws InputError where no row has a token. */
function stepPacker<Row>(
  method: TrainingMethod<Row>,
  source: ClusterSource<Row>,
  options: LoopOptions,
  start?: DataPlace,
): () => PackResult {
  const rowCount = options.microBatchRows * options.accumulation;
  const encoded = { ...source, cluster: (n: number) => method.encode(source.cluster(n)) };
  const pack = rowPacker(encoded, { rowCount, length: options.rowLength }, start);
  return () => {
    const packed = pack();
    if (packed.rows.every((row) => row.used === 0))
      throw new InputError(
        `${packed.dropped} dialogues one after another are longer than ${options.rowLength} tokens, and are left out, which leaves nothing: raise max_length`,
      );
    return packed;
  };
}

/** All evaluation clusters, in whole micro-batches. */
function packEvaluation<Row>(
  method: TrainingMethod<Row>,
  source: ClusterSource<Row>,
  options: LoopOptions,
): PackedRow[] {
  const pack = stepPacker(method, source, { ...options, accumulation: 1 });
  const rows: PackedRow[] = [];
  let place = DATA_START;
  while (doneOf(place, source.total) < 1) {
    const packed = pack();
    rows.push(...packed.rows);
    place = packed.place;
  }
  return rows;
}

interface Stepper {
  /** Adds the gradients of all rows to the optimizer's accumulators. */
  gradients<Row>(
    method: TrainingMethod<Row>,
    rows: readonly PackedRow[],
  ): Promise<{ loss: number; metrics: Record<string, number> }>;
  /** Loss and metrics over `rows`, forward only. */
  evaluate<Row>(method: TrainingMethod<Row>, rows: readonly PackedRow[]): Promise<Record<string, number>>;
  close(): void;
}

function compileStep(
  model: { config: LlamaConfig; parameters: LlamaParameters; backend: Backend },
  optimizer: Optimizer,
  options: LoopOptions,
): Stepper {
  const { config, parameters, backend } = model;
  const { auxiliaryWeight = 0 } = options;
  const inputs = batchInputs(options.microBatchRows, options.rowLength, { auxiliary: auxiliaryWeight > 0 });
  const { next, auxiliary } = llamaLogprobs(config, parameters, inputs, {
    checkpointing: options.checkpointing,
  });
  const gradients = new Map(
    [next, auxiliary].flatMap((result) => (result ? [[result, leaf("gradient", result.shape)]] : [])),
  );
  backend.allocate([...batchLeaves(inputs), ...gradients.values()]);
  const program = backend.compile([[...gradients.keys()], optimizer.accumulateInto(backward(gradients))]);
  const run = async <Row>(method: TrainingMethod<Row>, rows: readonly PackedRow[], isTraining: boolean) => {
    let loss = 0;
    const metrics: Record<string, number> = {};
    for (let from = 0; from < rows.length; from += options.microBatchRows) {
      const micro = rows.slice(from, from + options.microBatchRows);
      writeBatch(backend, inputs, micro, config.vocabularySize);
      await program.run(0);
      for (const [result, gradient] of gradients) {
        const logprobs = program.read(result);
        const part =
          result === next
            ? method.loss(logprobs, micro, rows)
            : auxiliaryLoss(logprobs, micro, rows, auxiliaryWeight);
        loss += part.loss;
        for (const [name, value] of Object.entries(part.metrics))
          metrics[name] = (metrics[name] ?? 0) + value;
        if (isTraining) backend.write(gradient, part.gradient);
      }
      if (isTraining) await program.run(1);
    }
    return { loss, metrics };
  };
  return {
    gradients: (method, rows) => run(method, rows, true),
    async evaluate(method, rows) {
      const { loss, metrics } = await run(method, rows, false);
      return { loss, ...metrics };
    },
    close: () => program.close(),
  };
}

/** Packed rows -> the batch's leaves. */
export function writeBatch(
  backend: Backend,
  inputs: BatchInputs,
  rows: readonly PackedRow[],
  vocabularySize: number,
): void {
  const { length } = inputs;
  const total = inputs.rows * length;
  const tokens = new Int32Array(total);
  const positions = new Int32Array(total);
  const labels = new Int32Array(total);
  const auxiliaryLabels = new Int32Array(total);
  const mask = new Float32Array(total * length);
  for (const [r, row] of rows.entries()) {
    tokens.set(row.tokens, r * length);
    positions.set(row.positions, r * length);
    labels.set(row.labels, r * length);
    auxiliaryLabels.set(row.auxiliary.labels, r * length);
    writeMask(mask, r * length * length, row);
  }
  const flat = (ids: Int32Array) => BigInt64Array.from(ids, (id, i) => BigInt(i * vocabularySize + id));
  backend.write(inputs.tokens, tokens);
  backend.write(inputs.positions, positions);
  backend.write(inputs.mask, mask);
  if (inputs.blocks) backend.write(inputs.blocks, visibleBlocks(mask, length));
  backend.write(inputs.labels, labels);
  backend.write(inputs.flatLabels, flat(labels));
  if (inputs.auxiliaryLabels) backend.write(inputs.auxiliaryLabels, auxiliaryLabels);
  if (inputs.flatAuxiliaryLabels) backend.write(inputs.flatAuxiliaryLabels, flat(auxiliaryLabels));
}
