import fc from "fast-check";
import { expect, test } from "vitest";
import { dataOrder } from "./data-order.ts";

const sizes = fc.integer({ min: 1, max: 60 });
const seeds = fc.integer({ min: 0, max: 1000 });

test("every epoch is a permutation", () => {
  fc.assert(
    fc.property(sizes, seeds, fc.integer({ min: 0, max: 5 }), (length, seed, epoch) => {
      const order = dataOrder(length, seed);
      const seen = Array.from({ length }, (_, i) => order(epoch * length + i));
      expect(seen.toSorted((a, b) => a - b)).toEqual([...Array(length).keys()]);
    }),
  );
});

test("any place, in any order of asking, is what an uninterrupted pass finds there", () => {
  fc.assert(
    fc.property(sizes, seeds, fc.array(fc.nat(250), { maxLength: 20 }), (length, seed, places) => {
      const through = dataOrder(length, seed);
      const whole = Array.from({ length: 251 }, (_, n) => through(n));
      const order = dataOrder(length, seed);
      expect(places.map(order)).toEqual(places.map((n) => whole[n]));
    }),
  );
});

test("epochs and seeds differ", () => {
  const order = dataOrder(50, 1);
  const other = dataOrder(50, 7);
  const epoch = (n: number) => Array.from({ length: 50 }, (_, i) => order(50 * n + i));
  expect(epoch(0)).not.toEqual(epoch(1));
  expect(epoch(0)).not.toEqual(Array.from({ length: 50 }, (_, i) => other(i)));
});
