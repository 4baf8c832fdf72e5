/**
 * The graph of a computation: tensors are nodes, made by the functions of ops.ts, differentiated by backward.ts
 * and executed by a Backend. Nothing here holds numbers.
 */
import type { OpAttributes, OpName } from "./operations.ts";

/** Sizes in ggml's order: `shape[0]` varies fastest in memory. A matrix [K, M] is M rows of K numbers. */
export type Shape = readonly [number, number, number, number];

/** Number formats of a tensor. Activations and parameters are f32; i32 and i64 are indices. */
export type ElementType = "f32" | "i32" | "i64";

export interface Tensor<K extends OpName = OpName> {
  readonly op: K;
  readonly inputs: readonly Tensor[];
  readonly attributes: OpAttributes[K];
  readonly shape: Shape;
  readonly type: ElementType;
  /** Whether a gradient can flow into a trainable leaf through this tensor. */
  readonly needsGradient: boolean;
}

export function elementCount(shape: Shape): number {
  return shape[0] * shape[1] * shape[2] * shape[3];
}

/** Pads with ones: `shapeOf(3, 4)` is [3, 4, 1, 1]. */
export function shapeOf(...sizes: number[]): Shape {
  return [sizes[0] ?? 1, sizes[1] ?? 1, sizes[2] ?? 1, sizes[3] ?? 1];
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.every((size, i) => size === b[i]);
}
