/** Makes leaves with seeded random values, for tests of graphs. */
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { HostArray } from "../backend.ts";
import { leaf } from "../ops.ts";
import type { ElementType, Tensor } from "../tensor.ts";

export interface LeafMaker {
  /** Uniform in [-1, 1]: numbers in doubles, exactly representable in f32. */
  uniform(): number;
  /** A trainable f32 leaf. */
  parameter(...shape: number[]): Tensor<"leaf">;
  /** An f32 leaf that takes no gradient. */
  input(...shape: number[]): Tensor<"leaf">;
  /** An index in 0..limit-1 for every element. */
  indices(count: number, limit: number): Tensor<"leaf">;
  given(data: HostArray, ...shape: number[]): Tensor<"leaf">;
  readonly values: Map<Tensor, HostArray>;
}

export function makeLeaves(seed: number): LeafMaker {
  const generator = xoroshiro128plus(seed);
  const values = new Map<Tensor, HostArray>();
  const uniform = () => Math.fround(generator.next() / 2 ** 31);
  const random = (tensor: Tensor<"leaf">) => {
    values.set(tensor, Float32Array.from({ length: tensor.shape.reduce((a, b) => a * b, 1) }, uniform));
    return tensor;
  };
  const given = (data: HostArray, ...shape: number[]) => {
    const type: ElementType =
      data instanceof Float32Array ? "f32" : data instanceof Int32Array ? "i32" : "i64";
    const tensor = leaf("given", shape.length > 0 ? shape : [data.length], { type });
    values.set(tensor, data);
    return tensor;
  };
  return {
    uniform,
    values,
    given,
    parameter: (...shape) => random(leaf("parameter", shape, { trainable: true })),
    input: (...shape) => random(leaf("input", shape)),
    indices: (count, limit) =>
      given(Int32Array.from({ length: count }, () => Math.floor(((uniform() + 1) / 2) * limit) % limit)),
  };
}
