/** Gradients two ways, for tests: `backward` on any backend, and central finite differences on the reference. */
import type { Backend, HostArray } from "../backend.ts";
import { backward } from "../backward.ts";
import { leaf } from "../ops.ts";
import { elementCount, type Tensor } from "../tensor.ts";
import { openReferenceBackend } from "./backend.ts";
import type { Values } from "./evaluation.ts";

/** What the leaves of a graph hold. */
export type LeafValues = ReadonlyMap<Tensor, HostArray>;

/** Runs one phase after another on a backend that knows none of the leaves yet; the values of all results. */
export async function evaluate(
  backend: Backend,
  values: LeafValues,
  phases: readonly (readonly Tensor[])[],
): Promise<Float32Array[]> {
  backend.allocate([...values.keys()]);
  for (const [tensor, data] of values) backend.write(tensor, data);
  const program = backend.compile(phases);
  for (const phase of phases.keys()) await program.run(phase);
  const results = phases.flat().map((result) => program.read(result));
  program.close();
  return results;
}

/** Gradients of sum(weights * result) by the trainable leaves, the result itself being computed in phase 0. */
export async function gradientsOn(
  backend: Backend,
  values: LeafValues,
  result: Tensor,
  weights: Float32Array,
): Promise<Map<Tensor, Float32Array>> {
  const incoming = leaf("weights", result.shape);
  const gradients = backward(new Map([[result, incoming]]));
  const [, ...computed] = await evaluate(backend, new Map([...values, [incoming, weights]]), [
    [result],
    [...gradients.values()],
  ]);
  return new Map([...gradients.keys()].map((tensor, i) => [tensor, computed[i]!]));
}

/** The slope of sum(weights * result) along `direction`, which gives a step for every leaf it names. */
export async function finiteDifference(
  values: LeafValues,
  result: Tensor,
  weights: Float32Array,
  direction: ReadonlyMap<Tensor, Values>,
): Promise<number> {
  const backend = openReferenceBackend();
  backend.allocate([...values.keys()]);
  for (const [tensor, data] of values) backend.write(tensor, data);
  const program = backend.compile([[result]]);
  const at = async (step: number) => {
    for (const [tensor, along] of direction) {
      const data = values.get(tensor) as Float32Array;
      backend.writeExact(
        tensor,
        along.map((u, i) => data[i]! + step * u),
      );
    }
    await program.run(0);
    return program.readExact(result).reduce((sum, y, i) => sum + weights[i]! * y, 0);
  };
  return ((await at(STEP)) - (await at(-STEP))) / (2 * STEP);
}

/** Cube root of a double's precision, about: rounding and curvature then cost alike, some 1e-10. */
const STEP = 1e-5;

/** The direction in which only one number of one leaf changes. */
export function alongOne(tensor: Tensor, index: number): Map<Tensor, Values> {
  const direction = new Float64Array(elementCount(tensor.shape));
  direction[index] = 1;
  return new Map([[tensor, direction]]);
}

/** The largest difference between two lists of numbers, as a share of the largest expected one (or of 1). */
export function differenceOf(actual: Float32Array, expected: Float32Array): number {
  const scale = Math.max(1, ...expected.map(Math.abs));
  // Equal infinities do not differ.
  return Math.max(...actual.map((x, i) => (x === expected[i] ? 0 : Math.abs(x - expected[i]!)))) / scale;
}
