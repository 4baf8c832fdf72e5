import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeLlama } from "../../../../test/conformance/fake-llama.ts";
import { Sequences } from "./sequences.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A text of `length` that begins with `first`, as if evaluated and answered. */
function answer(sequences: Sequences, first: number, length: number): void {
  const tokens = Array.from({ length }, (_, i) => (i === 0 ? first : i));
  const sequence = sequences.acquire(tokens, length - 1)!;
  sequence.tokens.push(...tokens.slice(sequence.tokens.length));
  sequences.release(sequence);
}

/** How much is known of each text, if it were asked now. */
function known(sequences: Sequences, texts: readonly number[], length: number): number[] {
  return texts.map((first) => {
    const tokens = Array.from({ length }, (_, i) => (i === 0 ? first : i));
    const sequence = sequences.acquire(tokens, length - 1)!;
    const count = sequence.tokens.length;
    sequences.forget(sequence);
    sequences.release(sequence);
    return count;
  });
}

const open = (remembered?: number) =>
  new Sequences(new FakeLlama(1000), 0n, 8, { canRewind: true, ...(remembered && { remembered }) });

test("what is remembered is bounded, the oldest is forgotten first", () => {
  const sequences = open(45);
  for (const first of [1, 2, 3, 4]) {
    answer(sequences, first, 20);
    vi.advanceTimersByTime(5000);
  }
  answer(sequences, 5, 1);
  expect(known(sequences, [4, 3, 2, 1], 20)).toEqual([19, 19, 0, 0]);
});

test("the latest is remembered, however long, and so are long ones of a moment ago", () => {
  const long = 600;
  const sequences = open(10);
  answer(sequences, 1, long);
  vi.advanceTimersByTime(5000);
  answer(sequences, 2, long);
  answer(sequences, 3, long);
  answer(sequences, 4, long);
  answer(sequences, 5, 1);
  expect(known(sequences, [4, 3, 2, 1], long)).toEqual([long - 1, long - 1, long - 1, 0]);
  const short = open(10);
  for (const first of [1, 2, 3]) answer(short, first, 20);
  answer(short, 5, 1);
  expect(known(short, [3, 2, 1], 20)).toEqual([19, 0, 0]);
});

test("without a bound all is remembered", () => {
  const sequences = open();
  for (const first of [1, 2, 3, 4]) {
    answer(sequences, first, 20);
    vi.advanceTimersByTime(5000);
  }
  expect(known(sequences, [1, 2, 3, 4], 20)).toEqual([19, 19, 19, 19]);
});
