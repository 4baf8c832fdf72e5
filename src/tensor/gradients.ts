/** The gradient rule of every operation: a new operation does not compile without one. */
import type { OpName } from "./operations.ts";
import * as op from "./ops.ts";
import { sameShape, type Tensor } from "./tensor.ts";

/**
 * Gradients with respect to the inputs, given that of the result; undefined where an input has none.
 * "none": used in backward passes and updates only, where a second derivative is never taken.
 */
type GradientRule<K extends OpName> = ((node: Tensor<K>, g: Tensor) => (Tensor | undefined)[]) | "none";

export const GRADIENTS: { [K in OpName]: GradientRule<K> } = {
  leaf: () => [],
  matmul: ({ inputs, attributes: { visible } }, g) => {
    const [a, b, blocks] = [inputs[0]!, inputs[1]!, inputs[2]];
    // A result that leaves blocks out has a gradient that does; where b leaves them out, its own gradient does.
    const inResult = visible === "result";
    return [
      a.needsGradient ? op.outer(b, g, blocks, inResult ? "second" : "first") : undefined,
      b.needsGradient ? op.matmul(op.transpose(a), g, blocks, inResult ? "second" : "result") : undefined,
    ];
  },
  outer: "none",
  transpose: (_, g) => [op.transpose(g)],
  permute: ({ attributes }, g) => {
    const inverse: [number, number, number, number] = [0, 0, 0, 0];
    for (const [from, to] of attributes.order.entries()) inverse[to] = from;
    return [op.permute(g, inverse)];
  },
  reshape: ({ inputs }, g) => [op.reshape(g, ...inputs[0]!.shape)],
  add: (_, g) => [g, g],
  mul: ({ inputs }, g) => {
    const [a, b] = [inputs[0]!, inputs[1]!];
    const ga = a.needsGradient ? op.mul(g, b) : undefined;
    if (!b.needsGradient) return [ga, undefined];
    const gb = op.mul(a, g);
    return [ga, sameShape(a.shape, b.shape) ? gb : op.sumRows(gb)];
  },
  scale: ({ attributes }, g) => [op.scale(g, attributes.factor)],
  sumRows: "none",
  rmsNorm: ({ inputs, attributes }, g) => [op.rmsNormBack(g, inputs[0]!, attributes.epsilon)],
  rmsNormBack: "none",
  rope: ({ inputs, attributes }, g) => [op.ropeBack(g, inputs[1]!, attributes), undefined],
  ropeBack: "none",
  swiglu: ({ inputs }, g) => {
    const [gate, up] = [inputs[0]!, inputs[1]!];
    return [op.siluBack(op.mul(g, up), gate), op.mul(g, op.silu(gate))];
  },
  silu: ({ inputs }, g) => [op.siluBack(g, inputs[0]!)],
  siluBack: "none",
  softmax: (node, g) => [op.softmaxBack(g, node, node.attributes.factor, node.inputs[2]), undefined],
  softmaxBack: "none",
  rows: ({ inputs }, g) => [op.rowsBack(g, inputs[1]!, inputs[0]!), undefined],
  rowsBack: "none",
  labelLogprob: ({ inputs }, g) => [
    op.labelLogprobBack(g, inputs[0]!, inputs[1]!, inputs[2]!),
    undefined,
    undefined,
  ],
  labelLogprobBack: "none",
  // backward.ts rebuilds what lies between the source and the input, and differentiates that.
  checkpoint: "none",
  accumulate: "none",
  sumSquares: "none",
  adamw: "none",
  assign: "none",
  scaleBy: "none",
};
