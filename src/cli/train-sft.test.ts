/** The progress line of a training run. */
import { expect, test } from "vitest";
import type { SftStep } from "../train/sft-messages.ts";
import { trainingPace } from "./train-sft.ts";

const report = (step: number, metrics: Record<string, number>): SftStep => ({
  step,
  progress: step / 1000,
  tokens: 2000 * step,
  seconds: step / 2,
  learningRate: 1e-4,
  dropped: 0,
  metrics,
});

test("rates and the time that is left come from the last half minute", () => {
  const pace = trainingPace();
  expect(pace(report(1, { loss: 5 }), 100)).toBe("step 1 · loss 5.000 · 0.1 %");
  expect(pace(report(2, { loss: 4, answer_loss: 3, eval_loss: 4.5 }), 100.5)).toBe(
    "step 2 · loss 4.000 · answer 3.000 · eval 4.500 · 4.0k tokens/s · 0.2 % · ETA 8 min 19 s",
  );
  // A slower machine: the evaluation stays on the line, the old pace does not.
  for (let step = 3; step < 100; step++) pace(report(step, { loss: 4 }), 100 + 2 * step);
  expect(pace(report(100, { loss: 4 }), 300)).toBe(
    "step 100 · loss 4.000 · eval 4.500 · 4.0k tokens/s · 10.0 % · ETA 30 min 00 s",
  );
});
