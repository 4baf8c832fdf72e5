/**
 * One supervised fine-tuning run: settings in; a folder with config.json, metrics.jsonl, checkpoint.gguf and
 * model.gguf out. Started again, it goes on from its checkpoint.
 */
import { join } from "node:path";
import { type JsonlClusters, openJsonlClusters } from "../datasets/jsonl-clusters.ts";
import { messagesRow } from "../datasets/messages-row.ts";
import { InputError } from "../errors.ts";
import { metadataString, string } from "../gguf/metadata.ts";
import { saveLlama } from "../model/llama-gguf.ts";
import { parameterCount } from "../model/llama-parameters.ts";
import type { MessagesRow } from "../spec/dataset.ts";
import type { Backend } from "../tensor/backend.ts";
import { Tokenizer } from "../tokenizer/tokenizer.ts";
import { makeFolder } from "../util/make-folder.ts";
import { removeAbandoned, writeFileAtomic } from "../util/write-file-atomic.ts";
import { type ClusterSource, dataOrder } from "./data-order.ts";
import { type LoopHooks, type StepReport, trainLoop } from "./loop.ts";
import { appendMetrics, keepMetricsUntil, type MetricsRow } from "./metrics-file.ts";
import { fingerprintOf, hashFiles } from "./run-inputs.ts";
import { sft } from "./sft.ts";
import type { SftSettings } from "./sft-settings.ts";
import { openTrainable } from "./trainable-model.ts";

export interface RunHooks extends LoopHooks {
  /** Once, before the first step. */
  onStart?(facts: { parameters: number; rows: number; maxSteps: number | undefined }): void;
}

/** True when the run is complete; false when `hooks.signal` stopped it, and the checkpoint waits. */
export async function runSft(
  settings: SftSettings,
  backend: Backend,
  hooks: RunHooks = {},
): Promise<boolean> {
  makeFolder(settings.output_dir);
  const inRun = (name: string) => join(settings.output_dir, name);
  for (const name of ["checkpoint.gguf", "model.gguf", "config.json", "meta.json", "metrics.jsonl"])
    await removeAbandoned(inRun(name));
  const paths = [settings.dataset].flat();
  const base = (settings.model_name_or_path ?? settings.tokenizer)!;
  const inputs = await hashFiles([base, ...paths]);
  const model = openTrainable(settings, backend);
  const files = paths.map((path) => openJsonlClusters(path, messagesRow));
  const evaluationFile = settings.eval_dataset
    ? openJsonlClusters(settings.eval_dataset, messagesRow)
    : undefined;
  const metricsPath = inRun("metrics.jsonl");
  try {
    const train = clusterSource(files, settings);
    if (settings.auxiliary_loss_weight > 0) requireTargets(files, paths);
    const source = { path: base, metadata: model.tokenizerMetadata };
    const method = sft({
      tokenizer: new Tokenizer(source),
      chatTemplate: metadataString(source, "tokenizer.chat_template"),
      contextWeight: settings.context_loss_weight,
      auxiliary: settings.auxiliary_loss_weight > 0,
    });
    hooks.onStart?.({
      parameters: parameterCount(model.parameters),
      rows: files.reduce((n, file) => n + file.rowCount, 0),
      maxSteps: settings.max_steps,
    });
    const evaluation = evaluationFile && {
      length: evaluationFile.length,
      total: evaluationFile.length,
      cluster: evaluationFile.read,
    };
    const { done } = await trainLoop(
      method,
      { ...model, backend },
      evaluation ? { train, evaluation } : { train },
      {
        ...loopOptions(settings),
        checkpointPath: inRun("checkpoint.gguf"),
        // A file that is listed twice counts twice.
        fingerprint: fingerprintOf(
          deciding(settings),
          [base, ...paths].map((path) => inputs[path]!),
        ),
      },
      {
        ...hooks,
        // Not before the checkpoint is known to be of this run: the config beside another one's must stay.
        async onBegin(state) {
          await writeJson(inRun("config.json"), settings);
          // A run that goes on elsewhere has the bits of an uninterrupted one only on the same kind of backend.
          await writeJson(inRun("meta.json"), { method: "sft", backend: backend.name, inputs });
          await keepMetricsUntil(metricsPath, state.step);
          await hooks.onBegin?.(state);
        },
        async onStep(report) {
          const { state, metrics } = report;
          const isEvaluation = "eval_loss" in metrics;
          if (state.step % settings.logging_steps === 0 || report.progress === 1 || isEvaluation)
            appendMetrics(metricsPath, metricsRow(report));
          await hooks.onStep?.(report);
        },
      },
    );
    // A stopped run has a checkpoint; a model beside it would pass for the end.
    if (!done) return false;
    await saveLlama(inRun("model.gguf"), model.config, model.parameters, backend, {
      type: settings.export_type,
      name: settings.model_name,
      tokenizer: model.tokenizerMetadata,
      general: settings.license
        ? new Map([...model.general, ["general.license", string(settings.license)]])
        : model.general,
    });
    return true;
  } finally {
    for (const file of files) file.close();
    evaluationFile?.close();
  }
}

const writeJson = (path: string, value: object) =>
  writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);

/** Without the settings that change where and how often, but not what. */
function deciding(settings: SftSettings): object {
  const {
    output_dir: _output,
    threads: _threads,
    logging_steps: _logging,
    save_minutes: _save,
    export_type: _type,
    model_name: _name,
    license: _license,
    eval_dataset: _evaluation,
    eval_steps: _evalSteps,
    ...rest
  } = settings;
  // Where the inputs lie does not matter: their contents are hashed.
  return { ...rest, dataset: undefined, tokenizer: undefined, model_name_or_path: undefined };
}

/** All files as one, shuffled anew every epoch. */
function clusterSource(
  files: readonly JsonlClusters<MessagesRow>[],
  settings: SftSettings,
): ClusterSource<MessagesRow> {
  const length = files.reduce((n, file) => n + file.length, 0);
  if (length === 0)
    throw new InputError(`${[settings.dataset].flat().join(", ")}: there are no rows to train on`);
  const order = dataOrder(length, settings.seed);
  return {
    length,
    total: settings.max_steps ? Number.POSITIVE_INFINITY : Math.ceil(length * settings.num_train_epochs),
    cluster(n) {
      let index = order(n);
      for (const file of files) {
        if (index < file.length) return file.read(index);
        index -= file.length;
      }
      throw new Error(`cluster ${n} is past the end`);
    },
  };
}

/** Reads on to the first row that has some. */
function requireTargets(files: readonly JsonlClusters<MessagesRow>[], paths: readonly string[]): void {
  for (const file of files)
    for (let i = 0; i < file.length; i++) if (file.read(i).some(({ targets }) => targets?.length)) return;
  throw new InputError(
    `${paths.join(", ")}: no row has targets, which auxiliary_loss_weight is for: leave it out, or give rows with targets`,
  );
}

function loopOptions(settings: SftSettings) {
  return {
    schedule: {
      type: settings.lr_scheduler_type,
      learningRate: settings.learning_rate,
      warmupSteps: settings.warmup_steps,
      finalFraction: settings.lr_final_fraction,
    },
    ...(settings.max_steps ? { maxSteps: settings.max_steps } : {}),
    rowLength: settings.max_length,
    microBatchRows: settings.per_device_train_batch_size,
    accumulation: settings.gradient_accumulation_steps,
    checkpointing: settings.gradient_checkpointing,
    checkpointSeconds: settings.save_minutes * 60,
    evalSteps: settings.eval_steps,
    auxiliaryWeight: settings.auxiliary_loss_weight,
    optimizer: settings.optim,
    beta1: settings.adam_beta1,
    beta2: settings.adam_beta2,
    weightDecay: settings.weight_decay,
    maxGradNorm: settings.max_grad_norm,
  };
}

/** The row of metrics.jsonl, under TRL's names. */
function metricsRow({ state, progress, loss, learningRate, gradNorm, metrics }: StepReport): MetricsRow {
  return {
    step: state.step,
    progress,
    loss,
    ...metrics,
    grad_norm: gradNorm,
    learning_rate: learningRate,
    num_tokens: state.tokens,
    seconds: Math.round(state.seconds * 1000) / 1000,
  };
}
