/** The names of all operations and their settings: the key of every table about operations. */
import type { Shape, Tensor } from "./tensor.ts";

export interface RopeAttributes {
  /** How many of the first dimension's numbers are rotated, in adjacent pairs (Llama's GGUF order). */
  dimensions: number;
  /** Base of the wavelengths: pair i turns by position * base^(-2i/dimensions). */
  base: number;
}

/**
 * Tokens of a block in the tables that say which queries see which keys, i32 [keys / this, queries / this, 1, batch]:
 * not 0 where some query of the block sees some key, and on the diagonal. A matrix of attention [keys, queries] is
 * undefined outside these blocks, and operations that are given the table do not read it there.
 */
export const VISIBILITY_BLOCK = 64;

/** Every operation with its settings. */
export interface OpAttributes {
  /** Storage that outlives a run: parameter, input, accumulator. */
  leaf: { name: string; trainable: boolean };
  /**
   * [K,M,..] x [K,N,..] -> [M,N,..]: out[m,n] = sum_k a[k,m] b[k,n]. `visible`: with a table of visible blocks as third
   * input, either the result or b is a matrix of attention.
   */
  matmul: { visible?: "result" | "second" };
  /**
   * [K,N,..] x [M,N,..] -> [K,M,..]: out[k,m] = sum_n a[k,n] b[m,n]. `visible`: with a table of visible blocks as third
   * input, a or b is a matrix of attention.
   */
  outer: { visible?: "first" | "second" };
  /** Swaps the first two dimensions, in memory. */
  transpose: object;
  /** `order[i]` is where dimension i goes, in memory. */
  permute: { order: readonly [number, number, number, number] };
  reshape: { shape: Shape };
  add: object;
  /** Elementwise; the second input may be [K,1,1,1], which then multiplies every row. */
  mul: object;
  scale: { factor: number };
  /** Sums all rows of [K,..] into [K,1,1,1]. */
  sumRows: object;
  /** x / sqrt(mean(x^2) + epsilon) for every row (Zhang & Sennrich 2019, without the gain). */
  rmsNorm: { epsilon: number };
  /** Gradient of rmsNorm: inputs (gradient, x). */
  rmsNormBack: { epsilon: number };
  /** Rotary positions (Su et al. 2021) on [headSize, heads, tokens]; second input: positions, i32 [tokens]. */
  rope: RopeAttributes;
  ropeBack: RopeAttributes;
  /** silu(gate) * up (Shazeer 2020). */
  swiglu: object;
  /** Gradient of silu: inputs (gradient, x). */
  siluBack: object;
  silu: object;
  /**
   * Over the first dimension of factor * x + mask; x [K,Q,heads,batch], mask [K,Q,1,batch]. With a third input, the
   * table of blocks that the mask leaves visible, x and the result are matrices of attention.
   */
  softmax: { factor: number };
  /** Gradient of softmax: inputs (gradient, result), and the table where the softmax has one. */
  softmaxBack: { factor: number };
  /** [K,V] and i32 [N] -> [K,N]. */
  rows: object;
  /** Gradient of rows: inputs (gradient [K,N], index, table for its shape) -> [K,V], repeated rows add up. */
  rowsBack: object;
  /**
   * log softmax(logits)[label]: inputs (logits [V,N], labels i32 [N], flat i64 [N]) -> [1,N], where
   * flat[n] = n * V + labels[n] is the same place in the flattened logits.
   */
  labelLogprob: object;
  /** c * (onehot(label) - softmax(logits)): inputs (c [1,N], logits, labels, flat) -> [V,N]. */
  labelLogprobBack: object;
  /** Same value as the input, computed anew in the backward pass from `source` (Chen et al. 2016). */
  checkpoint: { source: Tensor };
  /** Adds the second input to the first, a leaf, in place. */
  accumulate: object;
  /** Sum of squares -> [1]. */
  sumSquares: object;
  /**
   * One AdamW step in place (Loshchilov & Hutter 2019): inputs (parameter, gradient, first moment, second moment,
   * settings f32 [7]: learning rate, beta1, beta2, epsilon, weight decay, 1/(1-beta1^t), 1/(1-beta2^t); and a factor
   * for the gradient, f32 [1], which clips it).
   */
  adamw: object;
  /** Overwrites the first input, a leaf, with the second. */
  assign: object;
  /** Multiplies by a number that is known only at run time: inputs (x, f32 [1]). */
  scaleBy: object;
}

export type OpName = keyof OpAttributes;
