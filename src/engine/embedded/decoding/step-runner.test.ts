import { expect, test, vi } from "vitest";
import { decode, numbers, open } from "../../../../test/conformance/scheduler-fixture.ts";

test("steps stay on this thread while it has nothing else to do, short ones always, long ones never", async () => {
  /** How many of 40 steps that take so long are handed over, where other work takes a share of the time. */
  const handedOver = async (step: number, others: number) => {
    let clock = 1000;
    let count = 0;
    vi.spyOn(performance, "now").mockImplementation(() => clock);
    const active = others * step;
    vi.spyOn(performance, "eventLoopUtilization").mockReturnValue({ active, idle: 0, utilization: 0 });
    const { llama, scheduler } = open();
    const real = llama.decodeHere.bind(llama);
    llama.decodeHere = (...given) => {
      clock += step;
      return real(...given);
    };
    llama.decode = async (...given) => {
      count++;
      clock += step;
      return real(...given);
    };
    // Its turn comes between two steps.
    let isOver = false;
    const work = () => {
      clock += others * step;
      if (!isOver) setImmediate(work);
    };
    setImmediate(work);
    try {
      await decode(scheduler, numbers(1), 40);
    } finally {
      isOver = true;
      vi.restoreAllMocks();
    }
    return count;
  };
  // The first step's length is not known.
  expect(await handedOver(2, 0.5)).toBe(1);
  expect(await handedOver(12, 0)).toBe(1);
  expect(await handedOver(12, 0.3)).toBeGreaterThan(30);
  expect(await handedOver(40, 0)).toBe(40);
});
