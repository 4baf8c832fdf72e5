/** What executes graphs: ggml (fast) and the plain reference (slow, obvious, in doubles). */
import type { Tensor } from "./tensor.ts";

export type HostArray = Float32Array | Int32Array | BigInt64Array;

export interface Program {
  /**
   * Computes the results of one phase. Phases run in order and see each other's intermediate values: a loss is
   * computed from phase 0's results in JavaScript, and phase 1 is the backward pass.
   */
  run(phase: number): Promise<void>;
  /** Values of a phase's result, valid until that phase runs again. */
  read(result: Tensor): Float32Array;
  /** Bytes of intermediate values. */
  readonly memoryBytes: number;
  close(): void;
}

export interface Backend {
  readonly name: string;
  /** Gives leaves storage, zeroed. A leaf lives until `close`. */
  allocate(leaves: readonly Tensor[]): void;
  write(leaf: Tensor, values: HostArray): void;
  read(leaf: Tensor): Float32Array;
  zero(leaves: readonly Tensor[]): void;
  /** `phases[i]` are the results of phase i; updates in place (`accumulate`, `adamw`) count as results. */
  compile(phases: readonly (readonly Tensor[])[]): Program;
  close(): void;
}
