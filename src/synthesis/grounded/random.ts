/** A seeded stream of choices, on pure-rand's xoroshiro128+. Same seed, same calls: same choices on any machine. */
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

export class Random {
  readonly #generator: RandomGenerator;

  constructor(seed: number) {
    // The first outputs of neighbouring small seeds resemble each other: spread them first.
    this.#generator = xoroshiro128plus(Math.imul(seed, 0x9e3779b1) ^ (seed >>> 15));
    for (let skipped = 0; skipped < 16; skipped++) this.#generator.next();
  }

  /** Uniform in [0, 1), 32 bits. */
  float(): number {
    return (this.#generator.next() >>> 0) / 0x1_0000_0000;
  }

  /** Uniform integer, both ends included; the bias of the 32-bit product is below 1e-6 for the ranges used here. */
  int(from: number, to: number): number {
    return from + Math.floor(this.float() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.float() < probability;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError("nothing to pick from");
    return items[this.int(0, items.length - 1)]!;
  }

  /** An index, with probability proportional to its weight; at least one weight is positive. */
  weighted(weights: readonly number[]): number {
    let left = this.float() * weights.reduce((sum, weight) => sum + weight, 0);
    for (const [index, weight] of weights.entries()) {
      left -= weight;
      if (weight > 0 && left < 0) return index;
    }
    return weights.findLastIndex((weight) => weight > 0);
  }

  /** A shuffled copy (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const copy = [...items];
    for (let last = copy.length - 1; last > 0; last--) {
      const other = this.int(0, last);
      [copy[last], copy[other]] = [copy[other]!, copy[last]!];
    }
    return copy;
  }
}
