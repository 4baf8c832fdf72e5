/** Evaluations of norms, rotary positions, activations and softmax. */
import type { RopeAttributes } from "../operations.ts";
import type { Tensor } from "../tensor.ts";
import { byRow, dot, type Evaluations, elementwise, type Values } from "./evaluation.ts";

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const silu = (x: number) => x * sigmoid(x);
const siluSlope = (x: number) => sigmoid(x) * (1 + x * (1 - sigmoid(x)));

export const NONLINEAR: Evaluations<
  "rmsNorm" | "rmsNormBack" | "rope" | "ropeBack" | "swiglu" | "silu" | "siluBack" | "softmax" | "softmaxBack"
> = {
  rmsNorm: (node, inputs) =>
    byRow(node.shape, inputs, (out, [x]) => {
      const r = 1 / Math.sqrt(dot(x!, x!) / x!.length + node.attributes.epsilon);
      for (const [i, value] of x!.entries()) out[i] = value * r;
    }),
  // y = x r with r = (mean(x^2) + epsilon)^(-1/2), so dr/dx_i = -r^3 x_i / n.
  rmsNormBack: (node, inputs) =>
    byRow(node.shape, inputs, (out, [g, x]) => {
      const r = 1 / Math.sqrt(dot(x!, x!) / x!.length + node.attributes.epsilon);
      const along = (dot(g!, x!) * r ** 3) / x!.length;
      for (const [i, value] of x!.entries()) out[i] = g![i]! * r - value * along;
    }),
  rope: (node, [x, positions]) => rotate(node, x!, positions!, node.attributes, 1),
  ropeBack: (node, [g, positions]) => rotate(node, g!, positions!, node.attributes, -1),
  swiglu: elementwise((gate, up) => silu(gate!) * up!),
  silu: elementwise((x) => silu(x!)),
  siluBack: elementwise((g, x) => g! * siluSlope(x!)),
  softmax: (node, [x, mask]) => {
    const [, queries, heads] = node.shape;
    const width = node.shape[0];
    return byRow(node.shape, [x!], (out, [row], index) => {
      const query = index % queries;
      const batch = Math.floor(index / (queries * heads));
      const at = (batch * queries + query) * width;
      const z = row!.map((value, i) => value * node.attributes.factor + mask![at + i]!);
      const top = Math.max(...z);
      const total = z.reduce((sum, value) => sum + Math.exp(value - top), 0);
      for (const [i, value] of z.entries()) out[i] = Math.exp(value - top) / total;
    });
  },
  softmaxBack: (node, inputs) =>
    byRow(node.shape, inputs, (out, [g, y]) => {
      const mean = dot(g!, y!);
      for (const [i, p] of y!.entries()) out[i] = node.attributes.factor * p * (g![i]! - mean);
    }),
};

/** Turns pairs of neighbours in the first `dimensions` numbers of every row by `direction` * position * wavelength. */
function rotate(
  node: Tensor,
  x: Values,
  positions: Values,
  { dimensions, base }: RopeAttributes,
  direction: 1 | -1,
): Values {
  const [, heads, tokens] = node.shape;
  return byRow(node.shape, [x], (out, [row], index) => {
    const position = positions[Math.floor(index / heads) % tokens]!;
    out.set(row!);
    for (let i = 0; i < dimensions; i += 2) {
      const angle = direction * position * base ** (-i / dimensions);
      out[i] = row![i]! * Math.cos(angle) - row![i + 1]! * Math.sin(angle);
      out[i + 1] = row![i]! * Math.sin(angle) + row![i + 1]! * Math.cos(angle);
    }
  });
}
