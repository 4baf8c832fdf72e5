/**
 * Trials between two models -> their strengths and what features of an answer are worth, by maximum likelihood:
 * log-odds that the first wins = strength of the first - strength of the second + coefficients . features. Without
 * features that is Bradley and Terry's model (1952). Newton's method; the likelihood is concave.
 */
import { VikhrError } from "../../errors.ts";
import { solvePositiveDefinite } from "./solve-positive-definite.ts";

export interface Trials {
  /** Models are numbered; number 0 is the one whose strength is 0. */
  models: number;
  first: Uint32Array;
  second: Uint32Array;
  /** Of the first, ties as half; and of the second. */
  wins: Float64Array;
  losses: Float64Array;
  /** `featureCount` numbers a trial. */
  features: Float64Array;
  featureCount: number;
}

export interface FitOptions {
  /** Half of it times the squared parameters is taken from the log-likelihood. Default 0: then the maximum must exist. */
  ridge?: number;
  /** What each trial counts for. Default 1. */
  weights?: ArrayLike<number>;
  /** Where to begin: the result of a similar fit. */
  start?: Float64Array;
}

const MAX_STEPS = 200;
/** After a step so small the next would be its square: nothing. */
const SMALL_STEP = 1e-9;

/** Strengths of all models, then the coefficients. */
export function fitStrengths(trials: Trials, { ridge = 0, weights, start }: FitOptions = {}): Float64Array {
  const size = trials.models + trials.featureCount;
  let parameters: Float64Array = start ? Float64Array.from(start) : new Float64Array(size);
  let here = derivatives(trials, parameters, ridge, weights);
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const step = solvePositiveDefinite(here.information, here.gradient);
    if (step === undefined) break;
    const length = step.reduce((most, part) => Math.max(most, Math.abs(part)), 0);
    let share = 1;
    let next = moved(parameters, step, share);
    let there = derivatives(trials, next, ridge, weights);
    // Far from the maximum a whole step may lead past it. Near it sums differ by rounding alone.
    while (there.likelihood < here.likelihood - 1e-9 * Math.abs(here.likelihood) && share > 1e-6) {
      share /= 2;
      next = moved(parameters, step, share);
      there = derivatives(trials, next, ridge, weights);
    }
    [parameters, here] = [next, there];
    if (share === 1 && length < SMALL_STEP) return parameters;
  }
  throw new VikhrError("strengths of models: no maximum of the likelihood was found; please report this");
}

const moved = (from: Float64Array, step: Float64Array, share: number) =>
  from.map((value, i) => value + share * step[i]!);

interface Derivatives {
  likelihood: number;
  gradient: Float64Array;
  /** Minus the second derivatives; the lower half. */
  information: Float64Array;
}

function derivatives(
  { models, first, second, wins, losses, features, featureCount }: Trials,
  parameters: Float64Array,
  ridge: number,
  weights?: ArrayLike<number>,
): Derivatives {
  const size = models + featureCount;
  const gradient = new Float64Array(size);
  const information = new Float64Array(size * size);
  let likelihood = 0;
  for (let t = 0; t < first.length; t++) {
    const weight = weights === undefined ? 1 : weights[t]!;
    if (weight === 0) continue;
    const [a, b, place] = [first[t]!, second[t]!, t * featureCount];
    let odds = parameters[a]! - parameters[b]!;
    for (let f = 0; f < featureCount; f++) odds += parameters[models + f]! * features[place + f]!;
    const [won, lost] = [weight * wins[t]!, weight * losses[t]!];
    // Of the smaller of both probabilities, so that neither rounds to 1.
    const small = Math.exp(-Math.abs(odds));
    const probability = (odds > 0 ? 1 : small) / (1 + small);
    likelihood -= (won + lost) * Math.log1p(small) + (odds > 0 ? lost : won) * Math.abs(odds);
    const slope = won - (won + lost) * probability;
    const curve = ((won + lost) * small) / (1 + small) ** 2;
    gradient[a]! += slope;
    gradient[b]! -= slope;
    information[a * size + a]! += curve;
    information[b * size + b]! += curve;
    information[Math.max(a, b) * size + Math.min(a, b)]! -= curve;
    for (let f = 0; f < featureCount; f++) {
      const value = features[place + f]!;
      const row = (models + f) * size;
      gradient[models + f]! += slope * value;
      information[row + a]! += curve * value;
      information[row + b]! -= curve * value;
      for (let g = 0; g <= f; g++) information[row + models + g]! += curve * value * features[place + g]!;
    }
  }
  for (let i = 0; i < size; i++) {
    likelihood -= (ridge / 2) * parameters[i]! ** 2;
    gradient[i]! -= ridge * parameters[i]!;
    information[i * size + i]! += ridge;
    information[i * size] = 0;
  }
  // Number 0 stays where it is.
  gradient[0] = 0;
  information[0] = 1;
  return { likelihood, gradient, information };
}
