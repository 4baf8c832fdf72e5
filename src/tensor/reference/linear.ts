/** Evaluations of products, rearrangements and sums. */
import { byMatrix, byRow, type Evaluations, elementwise } from "./evaluation.ts";

export const LINEAR: Evaluations<
  "matmul" | "outer" | "transpose" | "permute" | "reshape" | "add" | "mul" | "scale" | "scaleBy" | "sumRows"
> = {
  matmul: (node, [a, b]) => {
    const [m, n] = node.shape;
    const k = node.inputs[0]!.shape[0];
    const out = new Float64Array(m * n * node.shape[2] * node.shape[3]);
    byMatrix([node.inputs[0]!.shape, node.inputs[1]!.shape, node.shape], (atA, atB, at) => {
      for (let j = 0; j < n; j++)
        for (let i = 0; i < m; i++) {
          let sum = 0;
          for (let l = 0; l < k; l++) sum += a![atA! + i * k + l]! * b![atB! + j * k + l]!;
          out[at! + j * m + i] = sum;
        }
    });
    return out;
  },
  outer: (node, [a, b]) => {
    const [k, m] = node.shape;
    const n = node.inputs[0]!.shape[1];
    const out = new Float64Array(k * m * node.shape[2] * node.shape[3]);
    byMatrix([node.inputs[0]!.shape, node.inputs[1]!.shape, node.shape], (atA, atB, at) => {
      for (let j = 0; j < m; j++)
        for (let i = 0; i < k; i++) {
          let sum = 0;
          for (let l = 0; l < n; l++) sum += a![atA! + l * k + i]! * b![atB! + l * m + j]!;
          out[at! + j * k + i] = sum;
        }
    });
    return out;
  },
  transpose: (node, [x]) => {
    const [rows, columns] = node.shape;
    const out = new Float64Array(x!.length);
    byMatrix([node.shape], (at) => {
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) out[at! + j * rows + i] = x![at! + i * columns + j]!;
    });
    return out;
  },
  permute: (node, [x]) => {
    const from = node.inputs[0]!.shape;
    const strides = node.shape.map((_, i) => node.shape.slice(0, i).reduce((product, n) => product * n, 1));
    const out = new Float64Array(x!.length);
    for (let at = 0; at < x!.length; at++) {
      let rest = at;
      let to = 0;
      for (const [dimension, size] of from.entries()) {
        to += (rest % size) * strides[node.attributes.order[dimension]!]!;
        rest = Math.floor(rest / size);
      }
      out[to] = x![at]!;
    }
    return out;
  },
  reshape: (_, [x]) => x!.slice(),
  add: elementwise((a, b) => a! + b!),
  mul: (_, [a, b]) => a!.map((x, i) => x * b![i % b!.length]!),
  scale: ({ attributes }, [x]) => x!.map((value) => value * attributes.factor),
  scaleBy: (_, [x, factor]) => x!.map((value) => value * factor![0]!),
  sumRows: (node, [x]) => {
    const sum = new Float64Array(node.shape[0]);
    byRow(node.inputs[0]!.shape, [x!], (_, [row]) => {
      for (const [i, value] of row!.entries()) sum[i]! += value;
    });
    return sum;
  },
};
