/** What tells one training method from another: how rows become sequences, and the loss over their log-probabilities. */
import type { PackedRow } from "./pack.ts";
import type { Sequence } from "./sequence.ts";

export interface MethodLoss {
  /** Added over the micro-batches of a step this is the step's loss. */
  loss: number;
  /** d loss / d logprob of every label, in the order of the batch's tokens. */
  gradient: Float32Array;
  /** More figures that add up over micro-batches, by the names under which they are logged. */
  metrics: Record<string, number>;
}

export interface TrainingMethod<Row> {
  readonly name: string;
  /** Rows of one cluster, in order. */
  encode(rows: readonly Row[]): Sequence[];
  /**
   * `logprobs[i]` is that of the i-th token's label over `rows`, one after another; `step` holds all rows of the
   * optimizer step, of which `rows` are a part: what a mean is taken over.
   */
  loss(logprobs: Float32Array, rows: readonly PackedRow[], step: readonly PackedRow[]): MethodLoss;
}
