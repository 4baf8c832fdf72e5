import { describe, expect, test } from "vitest";
import { FAKE_VOCABULARY } from "../../../../test/conformance/fake-llama.ts";
import { BATCH, decode, numbers, open } from "../../../../test/conformance/scheduler-fixture.ts";
import type { ThreadChoice } from "./thread-choice.ts";

describe("who goes when", () => {
  test("a long prompt leaves every running answer its token in every batch", async () => {
    const { llama, scheduler } = open();
    let count = 0;
    let long: Promise<unknown> | undefined;
    const onToken = () => {
      if (++count === 3) long = decode(scheduler, numbers(100, 3), 1);
    };
    await decode(scheduler, numbers(3), 60, { onToken });
    await long;
    const during = llama.batches.slice(1).filter((sizes) => sizes.some((size) => size > 1));
    expect(during.length).toBeGreaterThan(5);
    for (const sizes of during) expect(sizes).toContain(1);
  });

  test("where they share no batch, a long prompt holds every running answer up for one batch at most", async () => {
    const { llama, scheduler } = open({ mixedBatch: 3 });
    let beside: Promise<unknown> | undefined;
    const answer = (seed: number) => {
      const onToken = () => {
        beside ??= Promise.all([decode(scheduler, numbers(100, 3), 1), decode(scheduler, numbers(50, 4), 1)]);
      };
      return decode(scheduler, numbers(3, seed), 40, { onToken });
    };
    await Promise.all([answer(1), answer(2)]);
    await beside;
    const { batches } = llama;
    const first = batches.findIndex((sizes, i) => i > 0 && sizes.some((size) => size > 1));
    const during = batches
      .slice(first)
      .filter((_, i, all) => all.slice(i).some((sizes) => sizes.some((size) => size > 1)));
    expect(during.length).toBeGreaterThan(30);
    for (const [i, sizes] of during.entries())
      expect(sizes).toEqual(i % 2 === 0 ? sizes.filter((size) => size > 1) : [1, 1]);
  });

  test.each([
    [0, 64],
    [40, 16],
    [1000, 4],
  ])("at %i ms a token, a prompt beside an answer goes in batches of %i", async (cost, most) => {
    // What a token costs is known beforehand, and no step of this model takes longer.
    const threads = {
      next: () => ({ threads: 1, expected: 9, measure() {} }),
      expected: (n: number) => cost * n,
    };
    const { llama, scheduler } = open({
      batchSize: 64,
      smallBatch: 4,
      threads: threads as unknown as ThreadChoice,
    });
    let beside: Promise<unknown> | undefined;
    const onToken = () => {
      beside ??= decode(scheduler, numbers(150, 3), 1);
    };
    await decode(scheduler, numbers(100), 60, { onToken });
    await beside;
    const sizes = llama.batches.map((batch) => batch.reduce((sum, size) => sum + size, 0));
    expect(sizes.slice(0, 2)).toEqual([64, 36]);
    expect(Math.max(...sizes.slice(2))).toBe(most);
  });

  test("a second step goes before those who wait, while what it goes on from is known", async () => {
    const { scheduler } = open({ parallel: 1 });
    const ends: string[] = [];
    const ask = async (name: string, prompt: readonly number[]) => {
      const { made, reused } = await decode(scheduler, prompt, 2);
      ends.push(`${name} ${reused}`);
      return made;
    };
    const prompt = numbers(70, 1);
    const twoSteps = async () => ask("second", [...prompt, ...(await ask("first", prompt)), 1, 2]);
    await Promise.all([twoSteps(), ...[2, 3, 4].map((seed) => ask("other", numbers(70, seed)))]);
    expect(ends).toEqual(["first 0", "second 71", "other 0", "other 0", "other 0"]);
  });

  test("a job is passed over by those who go on a bounded number of times", async () => {
    const { scheduler } = open({ parallel: 1 });
    const turns: number[][] = [[], []];
    const talk = async (seed: number) => {
      const said = numbers(70, seed);
      for (let turn = 0; turn < 100; turn++) {
        said.push(...(await decode(scheduler, said, 1)).made, turn % FAKE_VOCABULARY);
        turns[seed]!.push(turn);
      }
    };
    const talking = Promise.all([talk(0), talk(1)]);
    await new Promise((resolve) => setImmediate(resolve));
    const before = turns.flat().length;
    await decode(scheduler, numbers(70, 5), 1);
    expect(turns.flat().length - before).toBeLessThan(70);
    await talking;
  });

  test("a short prompt does not wait for the whole of a long one, nor a long one for many short ones", async () => {
    const { scheduler, llama } = open({ parallel: 2 });
    const long = decode(scheduler, numbers(400), 1);
    await new Promise((resolve) => setImmediate(resolve));
    const before = llama.batches.length;
    await decode(scheduler, numbers(6, 5), 1);
    expect(llama.batches.length - before).toBeLessThanOrEqual(4);
    let isOver = false;
    const others = (async () => {
      for (let seed = 0; !isOver; seed++) await decode(scheduler, [seed % 7, 6, ...numbers(6, seed)], 1);
    })();
    await long;
    isOver = true;
    await others;
    // Half of all batches are its own.
    expect(llama.batches.length).toBeLessThanOrEqual((2 * 400) / BATCH + 10);
  });

  test("side by side, each waits for a batch of each of the others at most, though ever new ones come", async () => {
    const { scheduler, llama } = open({ parallel: 3 });
    let isOver = false;
    const long = decode(scheduler, numbers(3), 40, { adapters: "long" }).then(() => {
      isOver = true;
    });
    // Two streams, each of one job after another: one always with the same adapters, one always with new ones.
    const stream = async (adaptersOf: (i: number) => string) => {
      for (let i = 0; !isOver && i < 500; i++)
        await decode(scheduler, numbers(4, i), 1 + (i % 3), { adapters: adaptersOf(i) });
    };
    await Promise.all([long, stream(() => "same"), stream((i) => `new ${i}`)]);
    const order = llama.adaptersOfBatches;
    expect(order.filter((one) => one === "same").length).toBeGreaterThan(10);
    for (const adapters of ["long", "same"]) {
      const turns = order.flatMap((one, i) => (one === adapters ? [i] : []));
      for (const [n, at] of turns.slice(1).entries()) {
        const between = order.slice(turns[n]! + 1, at);
        expect(new Set(between).size).toBe(between.length);
        expect(between.length).toBeLessThanOrEqual(2);
      }
    }
  });

  test("jobs of the same adapters share their batches", async () => {
    const { scheduler, llama } = open({ parallel: 4 });
    const jobs = [0, 1, 2, 3].map((i) =>
      decode(scheduler, numbers(2, i), 10, { adapters: i % 2 === 0 ? "1" : undefined }),
    );
    await Promise.all(jobs);
    expect(llama.batches).toHaveLength(20);
    for (const sizes of llama.batches) expect(sizes).toHaveLength(2);
  });
});
