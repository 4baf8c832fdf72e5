/** What the scheduler does for those who ask: texts to evaluate, a few at a time, and what comes of them. */
import type { AdapterScales } from "../adapters.ts";
import type { Sequence, Sequences } from "./sequences.ts";

/** One sequence of a job. */
export interface Lane {
  /** What is to be evaluated, all of it; the job appends to it. */
  readonly tokens: number[];
  /** Outputs are wanted from this position on: of what lies before, nothing needs to be evaluated again. */
  outputsFrom: number;
  sequence: Sequence | undefined;
}

export interface Output {
  lane: Lane;
  position: number;
  /** Logits or states. Gone with the next batch. */
  values: Float32Array;
}

export interface Job {
  readonly signal: AbortSignal;
  /** Computed with these. */
  readonly adapters?: AdapterScales | undefined;
  /** The most lanes that it will have. */
  readonly width: number;
  lanes: Lane[];
  /** Tokens of its first lane that were found evaluated. */
  reused: number;
  /** Takes what was wanted of a batch, in order; true where the job is done. */
  advance(outputs: readonly Output[], sequences: Sequences): boolean;
  /** Called once, when it is over: `undefined` where it is done, or was aborted. */
  end(error?: unknown): void;
}
