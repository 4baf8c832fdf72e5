import { expect, test } from "vitest";
import { learningRateAt, type ScheduleOptions } from "./schedule.ts";

const options: ScheduleOptions = { type: "cosine", learningRate: 2, warmupSteps: 10, finalFraction: 0.1 };

test("warmup is linear and ends at the full rate", () => {
  expect(learningRateAt(1, 0, options)).toBeCloseTo(0.2);
  expect(learningRateAt(5, 0, options)).toBeCloseTo(1);
  expect(learningRateAt(10, 0, options)).toBeCloseTo(2);
  expect(learningRateAt(11, 0, options)).toBeCloseTo(2);
  expect(learningRateAt(1, 0, { ...options, warmupSteps: 0 })).toBeCloseTo(2);
});

test("the decay goes from the full rate to the final fraction", () => {
  const at = (type: ScheduleOptions["type"], progress: number) =>
    learningRateAt(1000, progress, { ...options, type });
  expect([0, 0.5, 1].map((p) => at("cosine", p))).toEqual([2, 1.1, 0.2].map((v) => expect.closeTo(v)));
  expect([0, 0.5, 1].map((p) => at("linear", p))).toEqual([2, 1.1, 0.2].map((v) => expect.closeTo(v)));
  expect([0, 0.5, 1].map((p) => at("constant", p))).toEqual([2, 2, 2].map((v) => expect.closeTo(v)));
  // Cosine stays high for longer at first.
  expect(at("cosine", 0.25)).toBeGreaterThan(at("linear", 0.25));
  expect(at("cosine", 0.75)).toBeLessThan(at("linear", 0.75));
});
