/**
 * Gradients in, better parameters out, all on the backend: gradients add up in accumulators, one call takes a step.
 * AdamW for every parameter, or Muon for hidden matrices and AdamW for the rest. The state is f32.
 */
import type { Backend } from "./backend.ts";
import { muonUpdate } from "./muon.ts";
import { accumulate, adamw, leaf, scaleBy, sumSquares } from "./ops.ts";
import type { Tensor } from "./tensor.ts";

type Parameter = Tensor<"leaf">;

export interface OptimizerOptions {
  /** Matrices to be updated by Muon; AdamW has the rest. Default none. */
  muon?: readonly Parameter[];
  /** Default 0.9. */
  beta1?: number;
  /** Default 0.95: small batches want a shorter memory than 0.999. */
  beta2?: number;
  /** Default 1e-8. */
  epsilon?: number;
  /** Decoupled from the gradient (Loshchilov & Hutter 2019); for matrices, not for gains. Default 0.01. */
  weightDecay?: number;
  /** Gradients whose global norm is longer are shortened to it (Pascanu et al. 2013). Default 1. */
  maxGradNorm?: number;
}

export interface Optimizer {
  /** Graph results that add `gradients` to the accumulators: part of the backward phase. */
  accumulateInto(gradients: ReadonlyMap<Tensor, Tensor>): Tensor[];
  /**
   * Updates the parameters from the accumulated gradients, and empties the accumulators. Returns the norm before
   * clipping; where it is not finite nothing has changed.
   */
  step(learningRate: number): Promise<number>;
  /** Steps taken so far. */
  steps: number;
  /** Parameters and moments: with `steps` all that a checkpoint has to keep. */
  readonly state: readonly Parameter[];
  close(): void;
}

export function openOptimizer(
  backend: Backend,
  parameters: readonly Parameter[],
  options: OptimizerOptions = {},
): Optimizer {
  const {
    muon = [],
    beta1 = 0.9,
    beta2 = 0.95,
    epsilon = 1e-8,
    weightDecay = 0.01,
    maxGradNorm = 1,
  } = options;
  const like = (kind: string, p: Parameter) => leaf(`${kind}.${p.attributes.name}`, p.shape);
  const gradients = new Map<Tensor, Parameter>(parameters.map((p) => [p, like("gradient", p)]));
  const moments: Parameter[] = [];
  const moment = (kind: string, p: Parameter) => {
    const created = like(kind, p);
    moments.push(created);
    return created;
  };
  const clip = leaf("clip", [1]);
  const decayed = leaf("settings.decayed", [7]);
  const plain = leaf("settings.plain", [7]);

  const adamwUpdates = parameters
    .filter((p) => !muon.includes(p))
    .map((p) => {
      const settings = p.shape[1] > 1 ? decayed : plain;
      return adamw(p, gradients.get(p)!, moment("optimizer.m", p), moment("optimizer.v", p), settings, clip);
    });
  const muonUpdates = muon.map((p) =>
    muonUpdate(p, scaleBy(gradients.get(p)!, clip), moment("optimizer.m", p)),
  );
  const settings = muonUpdates.flatMap((u) => [u.inverseNorm, u.rate, u.keep]);
  backend.allocate([...gradients.values(), ...moments, clip, decayed, plain, ...settings]);

  const squares = [...gradients.values()].map(sumSquares);
  const norm = backend.compile([squares]);
  const update = backend.compile([
    [...adamwUpdates, ...muonUpdates.flatMap((u) => [u.assignMomentum, u.squaredNorm])],
    muonUpdates.map((u) => u.assignParameter),
  ]);

  const optimizer: Optimizer = {
    steps: 0,
    state: [...parameters, ...moments],
    accumulateInto: (found) => [...found].map(([p, g]) => accumulate(gradients.get(p)!, g)),
    async step(learningRate) {
      await norm.run(0);
      const gradNorm = Math.sqrt(squares.reduce((sum, s) => sum + norm.read(s)[0]!, 0));
      if (!Number.isFinite(gradNorm)) return gradNorm;
      optimizer.steps++;
      const corrections = [beta1, beta2].map((beta) => 1 / (1 - beta ** optimizer.steps));
      const adamwSettings = (decay: number) =>
        Float32Array.of(learningRate, beta1, beta2, epsilon, decay, ...corrections);
      backend.write(clip, Float32Array.of(gradNorm > maxGradNorm ? maxGradNorm / gradNorm : 1));
      backend.write(decayed, adamwSettings(weightDecay));
      backend.write(plain, adamwSettings(0));
      await update.run(0);
      for (const u of muonUpdates)
        u.write(backend, Math.sqrt(update.read(u.squaredNorm)[0]!), learningRate, weightDecay);
      if (muonUpdates.length > 0) await update.run(1);
      backend.zero([...gradients.values()]);
      return gradNorm;
    },
    close() {
      norm.close();
      update.close();
    },
  };
  return optimizer;
}
