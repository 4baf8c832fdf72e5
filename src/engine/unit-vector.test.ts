import fc from "fast-check";
import { expect, test } from "vitest";
import { unitVector } from "./unit-vector.ts";

test("any finite numbers become a vector of length 1 in their direction; zeros stay zeros", () => {
  expect(unitVector([3, -4])).toEqual(Float32Array.of(0.6, -0.8));
  expect(unitVector([0, -0, 0])).toEqual(new Float32Array(3));
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(fc.array(finite, { minLength: 1, maxLength: 40 }), (numbers) => {
      const vector = unitVector(numbers)!;
      const length = Math.hypot(...vector);
      expect(Math.abs(length - (numbers.every((n) => n === 0) ? 0 : 1))).toBeLessThan(1e-5);
    }),
  );
});

test("numbers that are not finite make no vector", () => {
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) expect(unitVector([1, wrong])).toBeUndefined();
});
