import { describe, expect, test } from "vitest";
import { ThreadChoice, threadCandidates } from "./thread-choice.ts";

/** Milliseconds a token on `free` cores: threads share the work; those without a core hold the others up. */
const cost = (threads: number, free: number) => (threads > free ? threads : 1 / threads);

/** How often each number of threads was taken in `steps` steps of one token. */
function run(choice: ThreadChoice, steps: number, free: number, tokens = 1): Map<number, number> {
  const taken = new Map<number, number>();
  for (let i = 0; i < steps; i++) {
    const { threads, measure } = choice.next(tokens);
    taken.set(threads, (taken.get(threads) ?? 0) + 1);
    measure(tokens * cost(threads, free));
  }
  return taken;
}

describe("ThreadChoice", () => {
  test.each([1, 2, 4, 8])("finds what is best on %i free cores of 8, wherever it begins", (free) => {
    for (const start of [1, 4, 8]) {
      const choice = new ThreadChoice(threadCandidates(8), start);
      run(choice, 100, free);
      expect(run(choice, 1000, free).get(free)).toBeGreaterThan(980);
    }
  });

  test("gives way to other work within a few steps, and comes back when it is over", () => {
    const choice = new ThreadChoice(threadCandidates(4), 4);
    run(choice, 1000, 4);
    expect(run(choice, 200, 2).get(2)).toBeGreaterThan(180);
    run(choice, 600, 4);
    expect(run(choice, 100, 4).get(4)).toBeGreaterThan(95);
  });

  test("one slow step changes nothing for long", () => {
    const choice = new ThreadChoice([1, 2], 2);
    run(choice, 100, 2);
    choice.next(1).measure(20);
    expect(run(choice, 100, 2).get(2)).toBeGreaterThan(85);
  });

  test("learns for steps of each size by themselves", () => {
    const choice = new ThreadChoice([1, 2], 1);
    run(choice, 100, 1, 1);
    expect(run(choice, 100, 2, 64).get(2)).toBeGreaterThan(85);
    expect(run(choice, 100, 1, 1).get(1)).toBeGreaterThan(95);
  });

  test("where all cores are best for few tokens, fewer are not tried as soon for many", () => {
    const choice = new ThreadChoice([1, 2], 2);
    run(choice, 100, 2, 1);
    expect(run(choice, 50, 2, 4)).toEqual(new Map([[2, 50]]));
    // Those of fewer tokens say nothing.
    const other = new ThreadChoice([1, 2], 2);
    run(other, 100, 2, 4);
    expect(run(other, 50, 2, 1).get(1)).toBe(1);
  });

  test("few tokens can be left to the first number, whatever they cost", () => {
    const choice = new ThreadChoice([1, 2], 2, { alone: 8 });
    expect(run(choice, 100, 2, 7)).toEqual(new Map([[1, 100]]));
    expect(run(choice, 100, 2, 8).get(2)).toBeGreaterThan(85);
  });

  test("with one number there is no choice", () => {
    expect(run(new ThreadChoice([3]), 50, 1)).toEqual(new Map([[3, 50]]));
  });
});

test("candidates are powers of two and all cores", () => {
  expect(threadCandidates(1)).toEqual([1]);
  expect(threadCandidates(2)).toEqual([1, 2]);
  expect(threadCandidates(6)).toEqual([1, 2, 4, 6]);
  expect(threadCandidates(8)).toEqual([1, 2, 4, 8]);
});
