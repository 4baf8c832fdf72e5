/**
 * AdamW over a set of parameters, all on the backend: gradients add up in accumulators, one call takes a step.
 * Moments and accumulators are f32. Loshchilov & Hutter 2019; clipping by the global norm (Pascanu et al. 2013).
 */
import type { Backend } from "./backend.ts";
import { accumulate, adamw, leaf, sumSquares } from "./ops.ts";
import type { Tensor } from "./tensor.ts";

export interface AdamwOptions {
  /** Default 0.9. */
  beta1?: number;
  /** Default 0.95: small batches want a shorter memory than 0.999. */
  beta2?: number;
  /** Default 1e-8. */
  epsilon?: number;
  /** Applied to matrices, not to gains. Default 0.01. */
  weightDecay?: number;
  /** Gradients longer than this are shortened to it. Default 1. */
  maxGradNorm?: number;
}

export interface AdamwOptimizer {
  /** Graph results that add `gradients` to the accumulators: part of the backward phase. */
  accumulateInto(gradients: ReadonlyMap<Tensor, Tensor>): Tensor[];
  /** Updates the parameters from the accumulated gradients, and empties the accumulators. Returns the norm before clipping. */
  step(learningRate: number): Promise<number>;
  /** Steps taken so far; part of the state, with the moments. */
  steps: number;
  /** First and second moment of each parameter. */
  moments: ReadonlyMap<Tensor, { m: Tensor<"leaf">; v: Tensor<"leaf"> }>;
  close(): void;
}

export function adamwOptimizer(
  backend: Backend,
  parameters: readonly Tensor<"leaf">[],
  options: AdamwOptions = {},
): AdamwOptimizer {
  const { beta1 = 0.9, beta2 = 0.95, epsilon = 1e-8, weightDecay = 0.01, maxGradNorm = 1 } = options;
  const state = new Map(
    parameters.map((p) => {
      const like = (kind: string) => leaf(`${kind}.${p.attributes.name}`, p.shape);
      return [p, { gradient: like("gradient"), m: like("optimizer.m"), v: like("optimizer.v") }] as const;
    }),
  );
  const clip = leaf("clip", [1]);
  const decayed = leaf("settings.decayed", [7]);
  const plain = leaf("settings.plain", [7]);
  const gradients = [...state.values()].map((s) => s.gradient);
  backend.allocate([...[...state.values()].flatMap((s) => [s.gradient, s.m, s.v]), clip, decayed, plain]);

  const squares = gradients.map(sumSquares);
  const norm = backend.compile([squares]);
  const update = backend.compile([
    [...state].map(([p, { gradient, m, v }]) => {
      const isMatrix = p.shape[1] > 1;
      return adamw(p, gradient, m, v, isMatrix ? decayed : plain, clip);
    }),
  ]);

  const optimizer: AdamwOptimizer = {
    steps: 0,
    moments: state,
    accumulateInto: (found) =>
      [...found].map(([p, g]) => accumulate(state.get(p as Tensor<"leaf">)!.gradient, g)),
    async step(learningRate) {
      await norm.run(0);
      const gradNorm = Math.sqrt(squares.reduce((sum, s) => sum + norm.read(s)[0]!, 0));
      if (!Number.isFinite(gradNorm)) return gradNorm;
      optimizer.steps++;
      const settings = (decay: number) =>
        Float32Array.of(
          learningRate,
          beta1,
          beta2,
          epsilon,
          decay,
          1 / (1 - beta1 ** optimizer.steps),
          1 / (1 - beta2 ** optimizer.steps),
        );
      backend.write(clip, Float32Array.of(gradNorm > maxGradNorm ? maxGradNorm / gradNorm : 1));
      backend.write(decayed, settings(weightDecay));
      backend.write(plain, settings(0));
      await update.run(0);
      backend.zero(gradients);
      return gradNorm;
    },
    close() {
      norm.close();
      update.close();
    },
  };
  return optimizer;
}
