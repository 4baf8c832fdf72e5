/** Evaluations of lookups by index, and of the operations that change a leaf in place. */
import { byRow, dot, type Evaluations, type Values } from "./evaluation.ts";

export const LOOKUP_AND_UPDATE: Evaluations<
  | "leaf"
  | "rows"
  | "rowsBack"
  | "labelLogprob"
  | "labelLogprobBack"
  | "checkpoint"
  | "accumulate"
  | "sumSquares"
  | "adamw"
  | "assign"
> = {
  leaf: ({ attributes }) => {
    throw new Error(`leaf ${attributes.name} was not allocated on this backend`);
  },
  rows: (node, [table, index]) =>
    byRow(node.shape, [], (out, _, row) => {
      const from = index![row]! * node.shape[0];
      out.set(table!.subarray(from, from + node.shape[0]));
    }),
  rowsBack: (node, [g, index]) => {
    const [width, count] = node.shape;
    const out = new Float64Array(width * count);
    for (const [row, to] of index!.entries())
      for (let i = 0; i < width; i++) out[to * width + i]! += g![row * width + i]!;
    return out;
  },
  labelLogprob: (node, [logits, labels]) => {
    const out = new Float64Array(node.shape[1]);
    byRow(node.inputs[0]!.shape, [logits!], (_, [row], n) => {
      out[n] = row![labels![n]!]! - logSumExp(row!);
    });
    return out;
  },
  labelLogprobBack: (node, [c, logits, labels]) =>
    byRow(node.shape, [logits!], (out, [row], n) => {
      const total = logSumExp(row!);
      for (const [i, value] of row!.entries())
        out[i] = c![n]! * ((labels![n] === i ? 1 : 0) - Math.exp(value - total));
    }),
  checkpoint: (_, [x]) => x!,
  accumulate: (_, [into, x]) => {
    for (const [i, value] of x!.entries()) into![i]! += value;
    return into!;
  },
  sumSquares: (_, [x]) => new Float64Array([dot(x!, x!)]),
  adamw: (_, [parameter, gradient, m, v, settings, factor]) => {
    const [rate, beta1, beta2, epsilon, decay, correction1, correction2] = settings!;
    for (const [i, unclipped] of gradient!.entries()) {
      const g = unclipped * factor![0]!;
      m![i] = beta1! * m![i]! + (1 - beta1!) * g;
      v![i] = beta2! * v![i]! + (1 - beta2!) * g * g;
      const step = (m![i]! * correction1!) / (Math.sqrt(v![i]! * correction2!) + epsilon!);
      parameter![i] = parameter![i]! * (1 - rate! * decay!) - rate! * step;
    }
    return parameter!;
  },
  assign: (_, [into, x]) => {
    into!.set(x!);
    return into!;
  },
};

function logSumExp(row: Values): number {
  const top = Math.max(...row);
  return top + Math.log(row.reduce((sum, value) => sum + Math.exp(value - top), 0));
}
