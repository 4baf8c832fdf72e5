/** What the tables of evaluations share: their type, and walks over a tensor's rows and matrices. */
import type { OpName } from "../operations.ts";
import type { Shape, Tensor } from "../tensor.ts";

/** Values of a tensor in ggml's order, whatever its type: an index is an exact double. */
export type Values = Float64Array;

/** The values of a node from those of its inputs. Updates in place change and return an input's array. */
export type Evaluation<K extends OpName> = (node: Tensor<K>, inputs: Values[]) => Values;

export type Evaluations<K extends OpName> = { [P in K]: Evaluation<P> };

/** Applies `f` to the numbers that stand in the same place. */
export function elementwise(f: (...x: number[]) => number): (_: Tensor, inputs: Values[]) => Values {
  return (_, inputs) => inputs[0]!.map((_, i) => f(...inputs.map((values) => values[i]!)));
}

/** Applies `f` to every row (first dimension) of the inputs; `f` fills `out`, which starts as zeros. */
export function byRow(
  shape: Shape,
  inputs: Values[],
  f: (out: Values, rows: Values[], row: number) => void,
): Values {
  const width = shape[0];
  const result = new Float64Array(width * shape[1] * shape[2] * shape[3]);
  for (let at = 0, row = 0; at < result.length; at += width, row++)
    f(
      result.subarray(at, at + width),
      inputs.map((values) => values.subarray(at, at + width)),
      row,
    );
  return result;
}

/** Calls `f` with the offsets, in tensors of these shapes, of the matrices with the same last two indices. */
export function byMatrix(shapes: readonly Shape[], f: (...offsets: number[]) => void): void {
  for (let batch = 0; batch < shapes[0]![2] * shapes[0]![3]; batch++)
    f(...shapes.map((shape) => batch * shape[0] * shape[1]));
}

export function dot(a: Values, b: Values): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}
