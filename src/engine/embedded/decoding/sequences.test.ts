import fc from "fast-check";
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

test("what is short and remembered is bounded, the oldest is forgotten first", () => {
  const sequences = open(45);
  for (const first of [1, 2, 3, 4]) {
    answer(sequences, first, 20);
    vi.advanceTimersByTime(5000);
  }
  answer(sequences, 5, 1);
  expect(known(sequences, [4, 3, 2, 1], 20)).toEqual([19, 19, 0, 0]);
});

test.each([10, 1500])(
  "what is long, and a cache of %i has no room for, stays in its cells until they are needed",
  (remembered) => {
    const long = 600;
    const inCache = Math.floor(remembered / long);
    const fill = () => {
      const sequences = open(remembered);
      for (const first of [1, 2, 3, 4]) {
        answer(sequences, first, long);
        vi.advanceTimersByTime(5000);
      }
      answer(sequences, 5, 1);
      return sequences;
    };
    expect(known(fill(), [4, 3, 2, 1], long)).toEqual([4, 3, 2, 1].map(() => long - 1));
    const crowded = fill();
    while (crowded.evict());
    // The latest took the place of the oldest.
    const kept = [4, 3, 2, 1].map((_, age) => (age < inCache ? long - 1 : 0));
    expect(known(crowded, [4, 3, 2, 1], long)).toEqual(kept);
  },
);

test("without a bound all is remembered", () => {
  const sequences = open();
  for (const first of [1, 2, 3, 4]) {
    answer(sequences, first, 20);
    vi.advanceTimersByTime(5000);
  }
  expect(known(sequences, [1, 2, 3, 4], 20)).toEqual([19, 19, 19, 19]);
});

test("where copying is slow, all stays in its cells until they are needed, and is remembered then", () => {
  const llama = new FakeLlama(1000);
  const sequences = new Sequences(llama, 0n, 4, { canRewind: true, keepsCells: true });
  for (const first of [1, 2, 3, 4]) {
    answer(sequences, first, 20);
    vi.advanceTimersByTime(5000);
  }
  expect(llama.savedStates).toBe(0);
  answer(sequences, 5, 20);
  expect(llama.savedStates).toBe(1);
  while (sequences.evict());
  expect(known(sequences, [5, 4, 3, 2, 1], 20)).toEqual([19, 19, 19, 19, 19]);
});

/** What is asked, and how much of it is evaluated before the request ends; many begin alike. */
const asked = fc.record({
  tokens: fc
    .tuple(fc.constantFrom([1, 2, 3, 4, 5, 6], [1, 2, 3, 9], [7, 7, 7, 7, 7, 7, 7, 7]), fc.array(fc.nat(2)))
    .map(([first, rest]) => [...first, ...rest, 5]),
  adapters: fc.constantFrom("", "a"),
  evaluated: fc.nat(30),
  /** How many requests later it is released. */
  stays: fc.nat(3),
  wait: fc.constantFrom(0, 2000),
});

test("whatever comes and goes, sequences hold what they say, and a whole text that was here is known", () => {
  fc.assert(
    fc.property(
      fc.array(asked, { maxLength: 30 }),
      fc.boolean(),
      fc.boolean(),
      (requests, canRewind, keepsCells) => {
        const llama = new FakeLlama(10_000);
        const sequences = new Sequences(llama, 0n, 8, { canRewind, keepsCells });
        const busy: { until: number; release(): void }[] = [];
        const batch = llama.newBatch(1);
        for (const [i, { tokens, adapters, evaluated, stays, wait }] of requests.entries()) {
          for (const { release } of busy.filter(({ until }) => until === i)) release();
          vi.advanceTimersByTime(wait);
          const sequence = sequences.acquire(tokens, tokens.length - 1, adapters)!;
          expect(sequence.tokens).toEqual(tokens.slice(0, sequence.tokens.length));
          expect(llama.tokensOf(sequence.id)).toEqual(sequence.tokens);
          if (llama.adapters !== adapters) llama.setAdapters(adapters);
          for (const token of tokens.slice(sequence.tokens.length, Math.max(evaluated, tokens.length))) {
            batch.token[0] = token;
            batch.position[0] = sequence.tokens.length;
            batch.sequence[0]![0] = sequence.id;
            // Throws where a cell was computed with other adapters.
            llama.decodeHere(0n, batch, 1);
            sequence.tokens.push(token);
          }
          busy.push({ until: i + 1 + stays, release: () => sequences.release(sequence) });
        }
        for (const { until, release } of busy) if (until >= requests.length) release();
        const last = requests.at(-1);
        if (!last) return;
        const again = [...last.tokens, 8, 8];
        expect(sequences.acquire(again, again.length - 1, last.adapters)!.tokens).toEqual(last.tokens);
        sequences.dispose();
        expect(llama.savedStates).toBe(0);
      },
    ),
  );
});
