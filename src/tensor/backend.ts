/** What executes graphs: ggml (fast) and the plain reference (slow, obvious, in doubles). */
import { elementCount, type Tensor } from "./tensor.ts";

export type HostArray = Float32Array | Int32Array | BigInt64Array;

export interface Program {
  /**
   * Computes the results of one phase. Phases run in order and see each other's intermediate values: a loss is
   * computed from phase 0's results in JavaScript, and phase 1 is the backward pass. A phase may overwrite what
   * it saw, so running it again means running all of them again.
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

/** The check of one program's calls to `run`: phase 0 at any time, any other right after the one before it. */
export function phaseOrder(): (phase: number) => void {
  let last = -1;
  return (phase) => {
    if (phase !== 0 && phase !== last + 1)
      throw new Error(`phase ${phase} runs after phase ${phase - 1}, and not after ${last}`);
    last = phase;
  };
}

const ARRAYS = { f32: Float32Array, i32: Int32Array, i64: BigInt64Array };

/** Throws where an array is not what the leaf stores: ggml would read the bytes all the same. */
export function checkValues(leaf: Tensor, values: HostArray): void {
  const shape = leaf.shape.join(",");
  if (values.length !== elementCount(leaf.shape))
    throw new Error(`${values.length} values for a tensor of shape [${shape}]`);
  if (!(values instanceof ARRAYS[leaf.type]))
    throw new Error(`${values.constructor.name} for a tensor of ${leaf.type} [${shape}]`);
}
