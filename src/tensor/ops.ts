/** One function per operation: tensors in, a new node out. Settings are in operations.ts, gradients in gradients.ts. */
import type { OpAttributes, OpName, RopeAttributes } from "./operations.ts";
import { SHAPES } from "./shapes.ts";
import { type ElementType, type Shape, shapeOf, type Tensor } from "./tensor.ts";

function makeNode<K extends OpName>(
  op: K,
  inputs: readonly Tensor[],
  attributes: OpAttributes[K],
): Tensor<K> {
  return {
    op,
    inputs,
    attributes,
    shape: SHAPES[op](inputs, attributes),
    type: "f32",
    needsGradient: inputs.some((input) => input.needsGradient),
  };
}

const withTable = (inputs: readonly Tensor[], blocks: Tensor | undefined) =>
  blocks ? [...inputs, blocks] : inputs;

/** Storage to be allocated by a backend. Only f32 leaves can be trainable. */
export function leaf(
  name: string,
  shape: readonly number[],
  options: { type?: ElementType; trainable?: boolean } = {},
): Tensor<"leaf"> {
  const trainable = options.trainable ?? false;
  return {
    op: "leaf",
    inputs: [],
    attributes: { name, trainable },
    shape: shapeOf(...shape),
    type: options.type ?? "f32",
    needsGradient: trainable,
  };
}

/** `visible`: which matrix is undefined outside the blocks of the table, where one is given (operations.ts). */
export const matmul = (a: Tensor, b: Tensor, blocks?: Tensor, visible?: OpAttributes["matmul"]["visible"]) =>
  makeNode("matmul", withTable([a, b], blocks), blocks && visible ? { visible } : {});
export const outer = (a: Tensor, b: Tensor, blocks?: Tensor, visible?: OpAttributes["outer"]["visible"]) =>
  makeNode("outer", withTable([a, b], blocks), blocks && visible ? { visible } : {});
export const permute = (x: Tensor, order: readonly [number, number, number, number]) =>
  makeNode("permute", [x], { order });
export const reshape = (x: Tensor, ...shape: number[]) =>
  makeNode("reshape", [x], { shape: shapeOf(...shape) as Shape });
export const add = (a: Tensor, b: Tensor) => makeNode("add", [a, b], {});
export const mul = (a: Tensor, b: Tensor) => makeNode("mul", [a, b], {});
export const scale = (x: Tensor, factor: number) => makeNode("scale", [x], { factor });
export const sumRows = (x: Tensor) => makeNode("sumRows", [x], {});
export const rmsNorm = (x: Tensor, epsilon: number) => makeNode("rmsNorm", [x], { epsilon });
export const rmsNormBack = (gradient: Tensor, x: Tensor, epsilon: number) =>
  makeNode("rmsNormBack", [gradient, x], { epsilon });
export const rope = (x: Tensor, positions: Tensor, attributes: RopeAttributes) =>
  makeNode("rope", [x, positions], attributes);
export const ropeBack = (gradient: Tensor, positions: Tensor, attributes: RopeAttributes) =>
  makeNode("ropeBack", [gradient, positions], attributes);
export const swiglu = (gate: Tensor, up: Tensor) => makeNode("swiglu", [gate, up], {});
export const silu = (x: Tensor) => makeNode("silu", [x], {});
export const siluBack = (gradient: Tensor, x: Tensor) => makeNode("siluBack", [gradient, x], {});
export const softmax = (x: Tensor, mask: Tensor, factor: number, blocks?: Tensor) =>
  makeNode("softmax", withTable([x, mask], blocks), { factor });
export const softmaxBack = (gradient: Tensor, result: Tensor, factor: number, blocks?: Tensor) =>
  makeNode("softmaxBack", withTable([gradient, result], blocks), { factor });
export const rows = (table: Tensor, index: Tensor) => makeNode("rows", [table, index], {});
export const rowsBack = (gradient: Tensor, index: Tensor, table: Tensor) =>
  makeNode("rowsBack", [gradient, index, table], {});
export const labelLogprob = (logits: Tensor, labels: Tensor, flat: Tensor) =>
  makeNode("labelLogprob", [logits, labels, flat], {});
export const labelLogprobBack = (c: Tensor, logits: Tensor, labels: Tensor, flat: Tensor) =>
  makeNode("labelLogprobBack", [c, logits, labels, flat], {});
export const accumulate = (into: Tensor, x: Tensor) => makeNode("accumulate", [into, x], {});
export const sumSquares = (x: Tensor) => makeNode("sumSquares", [x], {});
export const adamw = (
  parameter: Tensor,
  gradient: Tensor,
  m: Tensor,
  v: Tensor,
  settings: Tensor,
  gradientFactor: Tensor,
) => makeNode("adamw", [parameter, gradient, m, v, settings, gradientFactor], {});

export const assign = (into: Tensor, x: Tensor) => makeNode("assign", [into, x], {});
export const scaleBy = (x: Tensor, factor: Tensor) => makeNode("scaleBy", [x, factor], {});

/** Transposing copies are dear, and several products in one backward pass want the same one. */
const transposes = new WeakMap<Tensor, Tensor>();

export function transpose(x: Tensor): Tensor {
  let t = transposes.get(x);
  if (!t) {
    t = makeNode("transpose", [x], {});
    transposes.set(x, t);
  }
  return t;
}

/**
 * `f(x)`, whose inner results are not kept for the backward pass but computed again there. Costs one more forward
 * pass of `f`, saves all its activations.
 */
export function checkpoint(f: (x: Tensor) => Tensor, x: Tensor): Tensor {
  return makeNode("checkpoint", [f(x)], { source: x });
}
