/**
 * Muon for one matrix: momentum whose singular values are all brought near 1 by five Newton-Schulz iterations (Jordan
 * et al. 2024). The step is scaled so that its entries are as large as AdamW's would be, and one learning rate serves
 * both (Liu et al. 2025).
 */
import type { Backend } from "./backend.ts";
import { add, assign, leaf, matmul, scale, scaleBy, sumSquares, transpose } from "./ops.ts";
import type { Tensor } from "./tensor.ts";

const MOMENTUM = 0.95;
const ITERATIONS = 5;
/** Jordan's quintic: steep at 0, so that small singular values arrive in five iterations. */
const [A, B, C] = [3.4445, -4.775, 2.0315];
/** Root mean square of AdamW's updates, which Muon's are made to match. */
const UPDATE_RMS = 0.2;

export interface MuonUpdate {
  /** Phase 0: the new momentum, and the squared norm of the direction. */
  assignMomentum: Tensor;
  squaredNorm: Tensor;
  /** Phase 1, when the settings below are written. */
  assignParameter: Tensor;
  inverseNorm: Tensor<"leaf">;
  rate: Tensor<"leaf">;
  keep: Tensor<"leaf">;
  /** `norm` is the root of `squaredNorm`. */
  write(backend: Backend, norm: number, learningRate: number, weightDecay: number): void;
}

export function muonUpdate(
  parameter: Tensor<"leaf">,
  gradient: Tensor,
  momentum: Tensor<"leaf">,
): MuonUpdate {
  const name = parameter.attributes.name;
  const inverseNorm = leaf(`muon.inverse_norm.${name}`, [1]);
  const rate = leaf(`muon.rate.${name}`, [1]);
  const keep = leaf(`muon.keep.${name}`, [1]);
  const moved = add(scale(momentum, MOMENTUM), gradient);
  const direction = add(gradient, scale(moved, MOMENTUM));
  const step = orthogonalize(scaleBy(direction, inverseNorm));
  const larger = Math.max(parameter.shape[0], parameter.shape[1]);
  return {
    assignMomentum: assign(momentum, moved),
    squaredNorm: sumSquares(direction),
    assignParameter: assign(parameter, add(scaleBy(parameter, keep), scaleBy(step, rate))),
    inverseNorm,
    rate,
    keep,
    write(backend, norm, learningRate, weightDecay) {
      backend.write(inverseNorm, Float32Array.of(1 / (norm + 1e-7)));
      backend.write(rate, Float32Array.of(-learningRate * UPDATE_RMS * Math.sqrt(larger)));
      backend.write(keep, Float32Array.of(1 - learningRate * weightDecay));
    },
  };
}

/** x of norm 1 -> nearly U V^T of its singular value decomposition. Works on the shorter side's products. */
function orthogonalize(matrix: Tensor): Tensor {
  const isWide = matrix.shape[0] < matrix.shape[1];
  let x = isWide ? transpose(matrix) : matrix;
  for (let i = 0; i < ITERATIONS; i++) {
    const gram = matmul(x, x);
    const polynomial = add(scale(gram, B), scale(matmul(gram, gram), C));
    x = add(scale(x, A), matmul(transpose(x), polynomial));
  }
  return isWide ? transpose(x) : x;
}
