import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FakeLlama, fakeLogits, SPOILING } from "../../../../test/conformance/fake-llama.ts";
import { alone, BATCH, decode, numbers, open, read } from "../../../../test/conformance/scheduler-fixture.ts";
import { OverloadedError } from "../../../errors.ts";
import { Sequences } from "./sequences.ts";

describe("Scheduler", () => {
  test("each answer is what it is alone, whatever runs beside it, is aborted, or has to make room", async () => {
    const request = fc.record({
      prompt: fc.array(fc.nat(2), { minLength: 1, maxLength: 30 }),
      count: fc.integer({ min: 1, max: 12 }),
      turnsBefore: fc.nat(6),
      stopAfter: fc.option(fc.nat(8), { nil: undefined }),
      stopTurn: fc.option(fc.nat(20), { nil: undefined }),
      adapters: fc.constantFrom(undefined, undefined, "1,0", "0,0.5"),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 45, max: 200 }),
        fc.integer({ min: 1, max: 5 }),
        fc.option(fc.integer({ min: 0, max: BATCH }), { nil: Number.POSITIVE_INFINITY }),
        async (requests, cells, parallel, mixedBatch) => {
          const { llama, scheduler } = open({ cells, parallel, mixedBatch });
          const ask = async ({
            prompt,
            count,
            turnsBefore,
            stopAfter,
            stopTurn = Number.POSITIVE_INFINITY,
            adapters,
          }: (typeof requests)[number]) => {
            for (let i = 0; i < turnsBefore; i++) await new Promise((resolve) => setImmediate(resolve));
            const stop = new AbortController();
            let tokens = 0;
            const onToken = () => tokens++ === stopAfter && stop.abort();
            const { signal } = stop;
            const stopInTime = async () => {
              for (let i = 0; i < stopTurn && tokens < count; i++)
                await new Promise((resolve) => setImmediate(resolve));
              if (tokens < count) stop.abort();
            };
            if (stopTurn < Number.POSITIVE_INFINITY) void stopInTime();
            const { made } = await decode(scheduler, prompt, count, { signal, onToken, adapters });
            expect(made).toEqual(alone(prompt, made.length, adapters));
            expect(stop.signal.aborted || made.length === count).toBe(true);
          };
          await Promise.all(requests.map(ask));
          await scheduler.idle();
          expect(llama.used).toBeLessThanOrEqual(cells);
          // Everything is free again: the whole context can be filled.
          const long = numbers(cells - 5, 1);
          expect((await decode(scheduler, long, 4)).made).toEqual(alone(long, 4));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("no more outputs are wanted of a batch than llama.cpp has room for", async () => {
    const outputs = 5;
    const { llama, scheduler } = open({ outputs, parallel: 5 });
    const wanted: number[] = [];
    const real = llama.decodeHere.bind(llama);
    llama.decodeHere = (context, batch, tokens) => {
      wanted.push(batch.output.subarray(0, tokens).reduce((sum, one) => sum + one, 0));
      return real(context, batch, tokens);
    };
    const tokens = numbers(40);
    const [states] = await Promise.all([
      read(scheduler, tokens, 3),
      ...[1, 2, 3, 4].map((seed) => decode(scheduler, numbers(9, seed), 7)),
    ]);
    expect(states).toEqual(tokens.map((_, at) => [...fakeLogits(tokens.slice(0, at + 1))]).slice(3));
    expect(Math.max(...wanted)).toBe(outputs);
  });

  test("a batch that is of no use any more is interrupted; one that is of use to another is not", async () => {
    const { llama, scheduler } = open();
    const stops = [new AbortController(), new AbortController()];
    const [first, second] = stops.map(({ signal }, i) => decode(scheduler, numbers(3, i), 3, { signal }));
    await undefined;
    let interruptions = 0;
    const real = llama.interrupt.bind(llama);
    llama.interrupt = () => {
      interruptions++;
      real();
    };
    stops[0]!.abort();
    expect(interruptions).toBe(0);
    stops[1]!.abort();
    expect(interruptions).toBe(1);
    expect([(await first)!.made, (await second)!.made]).toEqual([[], []]);
    expect(llama.batches).toEqual([]);
    expect(llama.used).toBe(0);
    expect((await decode(scheduler, numbers(6), 2)).made).toEqual(alone(numbers(6), 2));
  });

  test("what begins alike is evaluated once: side by side, and one after another", async () => {
    const { scheduler } = open({ parallel: 8 });
    const prompt = numbers(50);
    const answers = await Promise.all(Array.from({ length: 7 }, () => decode(scheduler, prompt, 5)));
    for (const { made } of answers) expect(made).toEqual(alone(prompt, 5));
    expect(scheduler.evaluated).toBeLessThanOrEqual(50 + 7 * (5 + BATCH / 2));
    const before = scheduler.evaluated;
    const longer = [...prompt, ...answers[0]!.made, 1, 2, 3];
    const { reused } = await decode(scheduler, longer, 1);
    expect(reused).toBe(54);
    expect(scheduler.evaluated - before).toBe(4);
  });

  test("a short text that all begin with is evaluated once, too", async () => {
    const { scheduler } = open({ parallel: 8, batchSize: 64 });
    const prompt = numbers(5);
    await Promise.all(Array.from({ length: 7 }, () => decode(scheduler, prompt, 5)));
    // The last token of the prompt again for six of them, and four tokens of each answer.
    expect(scheduler.evaluated).toBe(5 + 6 + 7 * 4);
  });

  test("the last batch of a long text is no small one", async () => {
    const { scheduler, llama } = open({ batchSize: 16, smallBatch: 4 });
    await decode(scheduler, numbers(35), 1);
    await decode(scheduler, numbers(36, 1), 1);
    await decode(scheduler, numbers(18, 2), 1);
    expect(llama.batches.flat()).toEqual([16, 15, 4, 16, 16, 4, 14, 4]);
  });

  test("who is called off where cells run out ends with that step", async () => {
    const { scheduler, llama } = open({ cells: 40, parallel: 2 });
    const stop = new AbortController();
    const real = llama.decodeHere.bind(llama);
    llama.decodeHere = (...given) => {
      const status = real(...given);
      if (status === 1) stop.abort();
      return status;
    };
    const ends: string[] = [];
    const one = decode(scheduler, numbers(15, 1), 20).then(({ made }) => ends.push(`one ${made.length}`));
    const other = decode(scheduler, numbers(15, 2), 20, { signal: stop.signal }).then(() =>
      ends.push("other"),
    );
    await Promise.all([one, other]);
    expect(ends).toEqual(["other", "one 20"]);
  });

  test("what was evaluated before a job made room is no reuse", async () => {
    const { scheduler } = open({ cells: 60, parallel: 2 });
    const both = [numbers(25, 5), numbers(25, 6)];
    const answers = await Promise.all(both.map((prompt) => decode(scheduler, prompt, 20)));
    expect(answers.map(({ reused }) => reused)).toEqual([0, 0]);
  });

  test("what is at rest makes room and is remembered, and the youngest job begins again where cells run out", async () => {
    const { scheduler, llama } = open({ cells: 60, parallel: 2 });
    await decode(scheduler, numbers(20, 1), 2);
    await decode(scheduler, numbers(20, 2), 2);
    await decode(scheduler, numbers(20, 3), 2);
    expect((await decode(scheduler, numbers(20, 3), 1)).reused).toBe(19);
    expect((await decode(scheduler, numbers(20, 1), 1)).reused).toBe(19);
    const both = [numbers(25, 5), numbers(25, 6)];
    const answers = await Promise.all(both.map((prompt) => decode(scheduler, prompt, 20)));
    expect(answers.map(({ made }) => made)).toEqual(both.map((prompt) => alone(prompt, 20)));
    expect(llama.used).toBeLessThanOrEqual(60);
  });

  test("one more than may wait is refused, and one that waits can be called off at once", async () => {
    const { scheduler } = open({ parallel: 1, maxWaiting: 2 });
    const running = decode(scheduler, numbers(4), 50);
    await new Promise((resolve) => setImmediate(resolve));
    const stop = new AbortController();
    const waiting = decode(scheduler, numbers(5), 2, { signal: stop.signal });
    const other = decode(scheduler, numbers(6), 2);
    await expect(decode(scheduler, numbers(7), 1)).rejects.toThrow(OverloadedError);
    stop.abort();
    expect((await waiting).made).toEqual([]);
    expect((await other).made).toEqual(alone(numbers(6), 2));
    expect((await running).made).toHaveLength(50);
  });

  test("an error of one job is its own; one of the engine is everybody's, and the next is answered", async () => {
    const { scheduler, llama } = open();
    const lane = { tokens: [1, 2], outputsFrom: 1, sequence: undefined };
    const failing = new Promise((resolve, reject) => {
      const advance = () => {
        throw new Error("mine");
      };
      const end = (error: unknown) => (error ? reject(error) : resolve(0));
      scheduler.add({
        signal: new AbortController().signal,
        width: 1,
        lanes: [lane],
        reused: 0,
        advance,
        end,
      });
    });
    const other = decode(scheduler, numbers(4), 3);
    await expect(failing).rejects.toThrow("mine");
    expect((await other).made).toEqual(alone(numbers(4), 3));
    const real = { decode: llama.decode, decodeHere: llama.decodeHere };
    Object.assign(llama, { decode: async () => -3, decodeHere: () => -3 });
    const both = await Promise.allSettled([
      decode(scheduler, numbers(3), 2),
      decode(scheduler, numbers(5), 2),
    ]);
    for (const { status } of both) expect(status).toBe("rejected");
    Object.assign(llama, real);
    expect((await decode(scheduler, numbers(6), 2)).made).toEqual(alone(numbers(6), 2));
  });

  test("what one set of adapters has evaluated is found again by the same alone", async () => {
    const { scheduler } = open();
    const prompt = numbers(40);
    const reusedBy = async (adapters?: string) => (await decode(scheduler, prompt, 2, { adapters })).reused;
    expect(await reusedBy("1")).toBe(0);
    expect(await reusedBy()).toBe(0);
    expect(await reusedBy("0.5")).toBe(0);
    for (const adapters of ["1", undefined, "0.5"]) expect(await reusedBy(adapters)).toBe(39);
  });

  test("a copy, too, is of use to the same adapters alone", () => {
    const sequences = new Sequences(new FakeLlama(100), 0n, 4, { canRewind: true });
    const first = sequences.acquire([1, 2, 3, 4], 3, "1")!;
    first.tokens.push(1, 2, 3);
    const copy = sequences.fork(first)!;
    sequences.forget(first);
    sequences.release(first);
    sequences.release(copy);
    const found = [undefined, "0.5", "1"].map((adapters) => sequences.acquire([1, 2, 3, 4], 3, adapters));
    expect(found.map((one) => one!.tokens.length)).toEqual([0, 0, 3]);
  });

  test("numbers that are none cost the job that made them, and the next one finds none of them", async () => {
    const { scheduler } = open();
    const before = await decode(scheduler, numbers(20), 3);
    const [spoiling, beside] = await Promise.allSettled([
      decode(scheduler, numbers(30, 1), 3, { adapters: SPOILING }),
      // So long that it has no number yet when the other one fails, and all is evaluated anew.
      decode(scheduler, numbers(60, 2), 3),
    ]);
    expect(spoiling).toMatchObject({ status: "rejected", reason: { message: "not a number" } });
    expect(beside).toMatchObject({ status: "fulfilled", value: { made: alone(numbers(60, 2), 3) } });
    expect((await decode(scheduler, numbers(20), 3)).made).toEqual(before.made);
  });

  test("and a job that is called off while it makes them does not begin again", async () => {
    const { scheduler, llama } = open();
    const stop = new AbortController();
    const real = llama.decode.bind(llama);
    llama.decode = (...given) => {
      stop.abort();
      return real(...given);
    };
    const { made } = await decode(scheduler, numbers(3), 3, { signal: stop.signal, adapters: SPOILING });
    expect(made).toEqual([]);
    expect(llama.batches).toHaveLength(1);
  });

  test("each text's states are what they are alone, split or whole, also where cells run out", async () => {
    const text = fc.record({
      tokens: fc.array(fc.nat(2), { minLength: 1, maxLength: 30 }),
      from: fc.nat(30),
      turnsBefore: fc.nat(4),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 30, max: 120 }),
        fc.boolean(),
        async (texts, cells, isWhole) => {
          const wholeSize = isWhole ? 30 : undefined;
          const { llama, scheduler } = open({ cells, givesStates: true, wholeSize });
          const ask = async ({ tokens, from, turnsBefore }: (typeof texts)[number]) => {
            for (let i = 0; i < turnsBefore; i++) await new Promise((resolve) => setImmediate(resolve));
            const first = isWhole ? 0 : Math.min(from, tokens.length - 1);
            const expected = tokens.map((_, at) => [...fakeLogits(tokens.slice(0, at + 1))]).slice(first);
            expect(await read(scheduler, tokens, first)).toEqual(expected);
          };
          await Promise.all(texts.map(ask));
          await scheduler.idle();
          expect(llama.used).toBe(0);
          const lengths = texts.map(({ tokens }) => tokens.length);
          if (isWhole && cells >= 120) expect(llama.batches.flat().sort()).toEqual(lengths.sort());
        },
      ),
      { numRuns: 100 },
    );
  });

  test("whole texts share batches as they fit, in turn; a longer one than a batch goes alone", async () => {
    const { llama, scheduler } = open({ givesStates: true, wholeSize: 30 });
    const lengths = [5, 4, 3, 20];
    const done: number[] = [];
    await Promise.all(
      lengths.map(async (length) => {
        await read(scheduler, numbers(length), 0);
        done.push(length);
      }),
    );
    expect(llama.batches.map((sizes) => sizes.toSorted())).toEqual([[3, 5], [4], [20]]);
    expect(done).toEqual([5, 3, 4, 20]);
    expect([scheduler.evaluated, scheduler.batches]).toEqual([32, 3]);
  });
});
