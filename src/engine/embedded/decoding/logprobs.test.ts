import fc from "fast-check";
import { expect, test } from "vitest";
import { fillCandidates } from "./candidates.ts";
import { areFinite, likeliest, logOfSum, mostLikely, mostLikelyOf } from "./logprobs.ts";

/** Few values, so that there are equals; eighths, so that unlike ones stay so as log-probabilities. */
const logits = fc
  .array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -800, max: 800 })), {
    minLength: 1,
    maxLength: 40,
  })
  .map((values) => Float32Array.from(values, (value) => value / 8));

test("the likeliest is the first of the highest, and the first of the most likely", () => {
  fc.assert(
    fc.property(logits, (values) => {
      expect(likeliest(values)).toBe(values.indexOf(Math.max(...values)));
      expect(mostLikely(values, 1)[0]!.id).toBe(likeliest(values));
    }),
  );
});

test("the most likely come in order, with probabilities that sum to one where all are wanted", () => {
  fc.assert(
    fc.property(logits, (values) => {
      const all = mostLikely(values, values.length);
      expect(all.map(({ id }) => id)).toEqual(
        [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b),
      );
      expect(all.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0)).toBeCloseTo(1, 6);
    }),
  );
});

test("of candidates the most likely are those of their logits", () => {
  fc.assert(
    fc.property(logits, fc.nat(12), fc.integer({ min: -40, max: 10 }), (values, count, least) => {
      const data = new ArrayBuffer(12 * values.length);
      const candidates = { ids: new Int32Array(data), floats: new Float32Array(data), size: 0, selected: -1 };
      fillCandidates(candidates, values, least);
      const total = logOfSum(values);
      const left = mostLikely(values, values.length, total).filter(({ id }) => values[id]! >= least);
      expect(mostLikelyOf(candidates, count, total)).toEqual(left.slice(0, count));
    }),
  );
});

test("one value that is not finite is enough, wherever it stands; the largest numbers are finite", () => {
  const largest = 3.4e38;
  expect(areFinite(new Float32Array(200_000).fill(largest))).toBe(true);
  fc.assert(
    fc.property(logits, fc.nat(), fc.constantFrom(Number.NaN, Infinity), (values, at, bad) => {
      expect(areFinite(values)).toBe(true);
      values[at % values.length] = bad;
      expect(areFinite(values)).toBe(false);
      expect(Number.isFinite(logOfSum(values))).toBe(false);
    }),
  );
});
