/** What a training process and its parent say to each other. */
import type { SftSettings } from "./sft-settings.ts";

export type ToWorker = { type: "start"; input: SftSettings } | { type: "abort" };

/** What is known before the first step. */
export interface SftStart {
  parameters: number;
  rows: number;
  maxSteps: number | undefined;
  threads: number;
}

/** After a step: what people follow. */
export interface SftStep {
  step: number;
  /** Part of the run that is done, in [0, 1]. */
  progress: number;
  /** Trained on so far, padding not counted. */
  tokens: number;
  /** Of training so far, over all interruptions. */
  seconds: number;
  learningRate: number;
  /** Sequences that are longer than a row, and left out. */
  dropped: number;
  /** `loss` and all other figures of the method. */
  metrics: Record<string, number>;
}

export type FromWorker =
  | { type: "started"; facts: SftStart }
  | { type: "step"; report: SftStep }
  /** The end; `aborted` where the run stopped before its data did. */
  | { type: "done"; aborted: boolean }
  | { type: "failed"; message: string; exitCode: number | undefined; stack: string | undefined };
