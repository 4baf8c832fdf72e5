/** LoRA adapters on llama.cpp itself: what they compute, what they share, and what becomes of wrong ones. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEmbedded, openTokenEngine } from "../../src/engine/embedded/open-embedded.ts";
import type { TokenEngine } from "../../src/engine/embedded/token-engine.ts";
import { InputError } from "../../src/errors.ts";
import type { Alternative } from "../../src/spec/language-model.ts";
import { ask, complete } from "./language-model.ts";
import { writeMerged, writeTinyAdapter } from "./tiny-adapter.ts";
import { writeTinyGguf } from "./tiny-gguf.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-adapters-"));
const file = (name: string) => join(folder, `${name}.gguf`);
const [path, one, two] = [file("tiny"), file("one"), file("two")];
beforeAll(async () => {
  await writeTinyGguf(path);
  await writeTinyAdapter(one, path);
  await writeTinyAdapter(two, path, { seed: 2, rank: 3, alpha: 1, names: /attn_q|ffn_down/ });
});
afterAll(() => rmSync(folder, { recursive: true }));

const never = () => new AbortController().signal;
const numbers = (length: number, seed = 0) => Array.from({ length }, (_, i) => (i * 7 + 31 * seed) % 200);
const completion = numbers(30, 5);

async function openBoth(scales: { one?: number; two?: number } = {}): Promise<TokenEngine> {
  const adapters = [
    { path: one, scale: scales.one ?? 0 },
    { path: two, scale: scales.two ?? 0 },
  ];
  return (await openTokenEngine(path, { gpu: false, adapters })).engine;
}

async function openPlain(model = path): Promise<TokenEngine> {
  return (await openTokenEngine(model, { gpu: false })).engine;
}

const furthest = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

describe("what an adapter computes", () => {
  test.each([
    { one: 1, two: 0 },
    { one: 0.5, two: 0 },
    { one: -1, two: 0 },
    { one: 0, two: 1 },
    { one: 1, two: 1 },
    { one: 0.5, two: -2 },
  ])("is what the model with it merged in computes: %j", async (scales) => {
    const prompt = numbers(60);
    const merged = file("merged");
    await writeMerged(merged, path, [
      [one, scales.one],
      [two, scales.two],
    ]);
    const [reference, plain] = [await openPlain(merged), await openPlain()];
    const expected = await reference.score(prompt, completion, never());
    const unchanged = await plain.score(prompt, completion, never());
    await reference.close();
    await plain.close();
    const asked = await openBoth();
    const loaded = await openBoth(scales);
    for (const scores of [
      await asked.score(prompt, completion, never(), scales),
      await loaded.score(prompt, completion, never()),
    ]) {
      expect(furthest(scores, expected)).toBeLessThan(1e-3);
      expect(furthest(scores, unchanged)).toBeGreaterThan(0.1);
    }
    await asked.close();
    await loaded.close();
  });

  test("at a scale of 0 is nothing, to the bit", async () => {
    const plain = await openPlain();
    const expected = await plain.score(numbers(60), completion, never());
    await plain.close();
    for (const scales of [{}, { one: 0 }, { two: 0, one: -0 }]) {
      const loaded = await openBoth({ one: 1 });
      expect(await loaded.score(numbers(60), completion, never(), scales)).toEqual(expected);
      await loaded.close();
    }
  });
});

const SETS = [{}, { one: 1 }, { two: 1 }, { one: 0.5, two: -2 }] as const;

describe("many requests with different adapters", () => {
  test("at once get what each gets alone, and no less", async () => {
    const engine = await openBoth();
    const requests = Array.from({ length: 24 }, (_, i) => ({
      prompt: numbers(5 + ((i * 13) % 90), i % 5),
      adapters: SETS[i % SETS.length]!,
    }));
    const together = await Promise.all(
      requests.map(({ prompt, adapters }) => engine.score(prompt, completion, never(), adapters)),
    );
    for (const [i, { prompt, adapters }] of requests.entries()) {
      const fresh = await openBoth();
      const alone = await fresh.score(prompt, completion, never(), adapters);
      await fresh.close();
      // Sums of other lengths are rounded otherwise; with another adapter they are nowhere near.
      expect(furthest(together[i]!, alone)).toBeLessThan(0.02);
    }
    await engine.close();
  });

  test("through the model: samples, beams and scores, each with its own", async () => {
    const model = await openEmbedded(path, { adapters: [{ path: one, scale: 0 }] });
    const prompt = ask("Как зовут собаку?");
    const beams = async (adapters: Record<string, number>) => {
      let found: Alternative[] = [];
      const options = { beamSearch: { beams: 3 }, maxTokens: 8, adapters };
      for await (const { alternatives } of model.generate(prompt, options)) found = alternatives ?? found;
      return found;
    };
    const greedy = (adapters: Record<string, number>) =>
      complete(model, prompt, { temperature: 0, maxTokens: 8, topLogprobs: 0, adapters });
    const [plainBeams, beamsOne, plain, withOne] = await Promise.all([
      beams({}),
      beams({ one: 1 }),
      greedy({}),
      greedy({ one: 1 }),
    ]);
    expect(plain.text).toBe((await greedy({})).text);
    expect(withOne.text).toBe((await greedy({ one: 1 })).text);
    expect(withOne.text).not.toBe(plain.text);
    expect((await beams({})).map(({ text }) => text)).toEqual(plainBeams.map(({ text }) => text));
    expect((await beams({ one: 1 })).map(({ text }) => text)).toEqual(beamsOne.map(({ text }) => text));
    expect(beamsOne[0]!.text).not.toBe(plainBeams[0]!.text);
    const scores = [
      await model.score(prompt, "Жучка", { adapters: { one: 1 } }),
      await model.score(prompt, "Жучка"),
    ];
    const [changed, unchanged] = scores.map((all) => all.map(({ logprob }) => logprob));
    expect(furthest(changed!, unchanged!)).toBeGreaterThan(0.1);
    await model.close();
  });

  test("evaluate anew what another set has evaluated, and not what their own has", async () => {
    const engine = await openBoth();
    // All sets together are less than a quarter of the context, which is what is remembered for long.
    const prompt = numbers(40);
    for (const [round, expected] of [41, 2].entries())
      for (const adapters of SETS) {
        const before = engine.evaluatedTokens;
        await engine.score(prompt, [1 + round, 2], never(), adapters);
        // The last token of a completion predicts nothing; the last one of the prompt is asked again.
        expect(engine.evaluatedTokens - before).toBe(expected);
      }
    await engine.close();
  });

  test("survive one whose numbers overflow", async () => {
    const hot = file("hot");
    await writeTinyAdapter(hot, path, { alpha: 1e7 });
    const plain = await openPlain();
    const { engine } = await openTokenEngine(path, { gpu: false, adapters: [{ path: hot, scale: 0 }] });
    for (const seed of [1, 2, 3]) {
      const overflowing = engine.score(numbers(70, 9), completion, never(), { hot: 1 });
      await expect(overflowing).rejects.toThrow(/not finite: .*an adapter/);
      const scores = await engine.score(numbers(70, seed), completion, never());
      expect(furthest(scores, await plain.score(numbers(70, seed), completion, never()))).toBeLessThan(0.02);
    }
    await engine.close();
    await plain.close();
  });
});

describe("refused", () => {
  test("names that there are not, and scales that are none", async () => {
    const model = await openEmbedded(path, {
      adapters: [{ path: one }, { path: two, name: "second" }],
    });
    for (const adapters of [{ two: 1 }, { one: 1, __proto__x: 1 }]) {
      const wanted = /there is no adapter (two|__proto__x): loaded are one, second/;
      await expect(complete(model, ask("a"), { adapters })).rejects.toThrow(wanted);
      await expect(complete(model, ask("a"), { adapters, beamSearch: { beams: 2 } })).rejects.toThrow(wanted);
      await expect(model.score(ask("a"), "b", { adapters })).rejects.toThrow(wanted);
    }
    for (const scale of [Number.NaN, Number.POSITIVE_INFINITY, 101]) {
      await expect(complete(model, ask("a"), { adapters: { one: scale } })).rejects.toThrow(
        /the scale of the adapter one is .* between -100 and 100/,
      );
      await expect(model.score(ask("a"), "b", { adapters: { one: scale } })).rejects.toThrow(InputError);
    }
    await model.close();
    const bare = await openEmbedded(path);
    await expect(complete(bare, ask("a"), { adapters: { one: 1 } })).rejects.toThrow(/opened without any/);
    expect(
      (await complete(bare, ask("a"), { adapters: {}, maxTokens: 1 })).usage.promptTokens,
    ).toBeGreaterThan(0);
    await bare.close();
  });

  test("at opening: two of one name, too many, files that are none", async () => {
    const open = (...adapters: { path: string; name?: string; scale?: number }[]) =>
      openEmbedded(path, { adapters });
    await expect(open({ path: one }, { path: two, name: "one" })).rejects.toThrow(
      /two adapters are called one/,
    );
    await expect(open({ path: one, scale: 1000 })).rejects.toThrow(InputError);
    const many = Array.from({ length: 9 }, (_, i) => ({ path: one, name: `${i}` }));
    await expect(open(...many)).rejects.toThrow(/takes 8 at most/);
    await expect(open({ path: file("absent") })).rejects.toThrow(/absent.gguf: there is no such file/);
    await expect(open({ path })).rejects.toThrow(/tiny.gguf: not a usable LoRA adapter of .*general.type/);
  });
});
