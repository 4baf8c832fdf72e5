/** The shape rule of every operation. A rule throws where inputs do not fit: a fault in our code, not a user's. */
import { type OpAttributes, type OpName, VISIBILITY_BLOCK } from "./operations.ts";
import { elementCount, type Shape, sameShape, shapeOf, type Tensor } from "./tensor.ts";

type ShapeRule<K extends OpName> = (inputs: readonly Tensor[], attributes: OpAttributes[K]) => Shape;

const same: (inputs: readonly Tensor[]) => Shape = (inputs) => inputs[0]!.shape;

function expectShapes(condition: boolean, what: string, inputs: readonly Tensor[]): void {
  if (!condition) throw new Error(`${what}: shapes ${inputs.map((t) => `[${t.shape.join(",")}]`).join(" ")}`);
}

function sameAsSecond(what: string): (inputs: readonly Tensor[]) => Shape {
  return (inputs) => {
    expectShapes(sameShape(inputs[0]!.shape, inputs[1]!.shape), what, inputs);
    return inputs[0]!.shape;
  };
}

/** The table of visible blocks for a matrix of attention of this shape, whose queries may be several times its own. */
function expectTable(
  table: Tensor | undefined,
  [keys, queries, , batch]: Shape,
  what: string,
  inputs: readonly Tensor[],
): void {
  if (!table) return;
  const blocks = keys / VISIBILITY_BLOCK;
  const fits = sameShape(table.shape, [blocks, blocks, 1, batch]) && queries % keys === 0;
  expectShapes(fits && table.type === "i32", what, inputs);
}

export const SHAPES: { [K in OpName]: ShapeRule<K> } = {
  leaf: same,
  matmul: (inputs, { visible }) => {
    const [a, b] = [inputs[0]!.shape, inputs[1]!.shape];
    expectShapes(a[0] === b[0] && a[2] === b[2] && a[3] === b[3], "matmul", inputs);
    const result: Shape = [a[1], b[1], b[2], b[3]];
    expectTable(inputs[2], visible === "result" ? result : b, "matmul", inputs);
    return result;
  },
  outer: (inputs, { visible }) => {
    const [a, b] = [inputs[0]!.shape, inputs[1]!.shape];
    expectShapes(a[1] === b[1] && a[2] === b[2] && a[3] === b[3], "outer", inputs);
    const [first, second] = inputs as [Tensor, Tensor];
    expectTable(inputs[2], visible === "first" ? first.shape : second.shape, "outer", inputs);
    return [a[0], b[0], a[2], a[3]];
  },
  transpose: (inputs) => {
    const s = inputs[0]!.shape;
    return [s[1], s[0], s[2], s[3]];
  },
  permute: (inputs, { order }) => {
    const shape: [number, number, number, number] = [1, 1, 1, 1];
    for (const [from, to] of order.entries()) shape[to] = inputs[0]!.shape[from]!;
    return shape;
  },
  reshape: (inputs, { shape }) => {
    expectShapes(elementCount(inputs[0]!.shape) === elementCount(shape), `reshape to ${shape}`, inputs);
    return shape;
  },
  add: sameAsSecond("add"),
  mul: (inputs) => {
    const [a, b] = [inputs[0]!.shape, inputs[1]!.shape];
    expectShapes(sameShape(a, b) || sameShape(shapeOf(a[0]), b), "mul", inputs);
    return a;
  },
  scale: same,
  sumRows: (inputs) => shapeOf(inputs[0]!.shape[0]),
  rmsNorm: same,
  rmsNormBack: sameAsSecond("rmsNormBack"),
  rope: (inputs) => {
    expectShapes(inputs[0]!.shape[2] === inputs[1]!.shape[0], "rope", inputs);
    return inputs[0]!.shape;
  },
  ropeBack: same,
  swiglu: sameAsSecond("swiglu"),
  silu: same,
  siluBack: sameAsSecond("siluBack"),
  softmax: (inputs) => {
    const [x, m] = [inputs[0]!.shape, inputs[1]!.shape];
    expectShapes(x[0] === m[0] && x[1] === m[1] && m[2] === 1 && x[3] === m[3], "softmax", inputs);
    expectTable(inputs[2], x, "softmax", inputs);
    return x;
  },
  softmaxBack: (inputs) => {
    const shape = sameAsSecond("softmaxBack")(inputs);
    expectTable(inputs[2], shape, "softmaxBack", inputs);
    return shape;
  },
  rows: (inputs) => shapeOf(inputs[0]!.shape[0], inputs[1]!.shape[0]),
  rowsBack: (inputs) => inputs[2]!.shape,
  labelLogprob: (inputs) => {
    const n = inputs[0]!.shape[1];
    expectShapes(inputs[1]!.shape[0] === n && inputs[2]!.shape[0] === n, "labelLogprob", inputs);
    return shapeOf(1, n);
  },
  labelLogprobBack: (inputs) => inputs[1]!.shape,
  checkpoint: same,
  accumulate: sameAsSecond("accumulate"),
  sumSquares: () => shapeOf(1),
  adamw: sameAsSecond("adamw"),
  assign: sameAsSecond("assign"),
  scaleBy: (inputs) => {
    expectShapes(elementCount(inputs[1]!.shape) === 1, "scaleBy", inputs);
    return inputs[0]!.shape;
  },
};
