/**
 * Observations of the tuning half in, the weights of src/retrieval/relevance/relevance.ts out: logistic regression
 * by Newton's method, a document an example, with a slight pull to zero.
 */
import type { RelevanceWeights } from "../../src/retrieval/relevance/relevance.ts";
import type { Observation } from "./measure.ts";

/** Precision of the Gaussian prior on each weight but the bias. */
const PRIOR = 1;

export function fitRelevance(observations: readonly Observation[]): RelevanceWeights {
  const examples = observations.flatMap((o) =>
    o.supports.map((support, i) => ({
      x: [1, support.coverage, support.evidence, support.best],
      y: o.documents[i] === o.question.paragraph ? 1 : 0,
    })),
  );
  let weights = [0, 0, 0, 0];
  for (let step = 0; step < 25; step++) {
    const gradient = weights.map((w, j) => (j > 0 ? -PRIOR * w : 0));
    const curvature = weights.map((_, j) => weights.map((_, k) => (j === k && j > 0 ? PRIOR : 0)));
    for (const { x, y } of examples) {
      const p = 1 / (1 + Math.exp(-x.reduce((sum, v, j) => sum + v * weights[j]!, 0)));
      for (const [j, v] of x.entries()) {
        gradient[j]! += (y - p) * v;
        for (const [k, u] of x.entries()) curvature[j]![k]! += p * (1 - p) * v * u;
      }
    }
    const change = solve(curvature, gradient);
    weights = weights.map((w, j) => w + change[j]!);
  }
  const [bias, coverage, evidence, best] = weights as [number, number, number, number];
  return { bias, coverage, evidence, best };
}

/** Gaussian elimination; the matrix is positive definite, so no pivoting. */
function solve(matrix: readonly number[][], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (const [i, pivot] of rows.entries())
    for (const [k, row] of rows.entries()) {
      if (k === i) continue;
      const factor = row[i]! / pivot[i]!;
      for (let c = i; c < row.length; c++) row[c]! -= factor * pivot[c]!;
    }
  return rows.map((row, i) => row[rows.length]! / row[i]!);
}
