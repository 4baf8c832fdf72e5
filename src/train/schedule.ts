/** The learning rate of each step: linear warmup, and a decay over the run. */

export interface ScheduleOptions {
  type: "cosine" | "linear" | "constant";
  learningRate: number;
  warmupSteps: number;
  /** The decay ends at this fraction of `learningRate`. */
  finalFraction: number;
}

/** `step` counts from 1; `progress` is the part of the run that is done, in [0, 1]. */
export function learningRateAt(step: number, progress: number, options: ScheduleOptions): number {
  const { type, learningRate, warmupSteps, finalFraction } = options;
  const decay = { constant: 1, linear: 1 - progress, cosine: 0.5 + 0.5 * Math.cos(Math.PI * progress) }[type];
  const warmup = warmupSteps === 0 ? 1 : Math.min(1, step / warmupSteps);
  return learningRate * warmup * (finalFraction + (1 - finalFraction) * decay);
}
