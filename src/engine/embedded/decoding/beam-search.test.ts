import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FAKE_VOCABULARY, FakeLlama, fakeLogits } from "../../../../test/conformance/fake-llama.ts";
import { InputError } from "../../../errors.ts";
import type { Candidates } from "../llama.ts";
import { type BeamOptions, BeamSearch, type Hypothesis, NO_TOKEN } from "./beam-search.ts";
import type { Grammar } from "./grammar.ts";
import { logOfSum } from "./logprobs.ts";
import { Scheduler } from "./scheduler.ts";
import { Sequences } from "./sequences.ts";
import { ThreadChoice } from "./thread-choice.ts";

/** Ends the turn. */
const END = new Set([0, 7]);

interface Surroundings {
  others?: number;
  cells?: number;
  grammar?: Grammar;
  check?: (logits: Float32Array) => number;
  /** Ends a text, and is part of it. */
  stop?: readonly number[] | undefined;
}

const endsWith = (tokens: readonly number[], stop: readonly number[] | undefined) =>
  stop !== undefined &&
  tokens.length >= stop.length &&
  stop.every((id, i) => id === tokens.at(i - stop.length));

async function search(
  prompt: readonly number[],
  options: BeamOptions,
  { others = 0, cells = 5000, grammar, check = logOfSum, stop }: Surroundings = {},
) {
  const llama = new FakeLlama(cells);
  const sequences = new Sequences(llama, 0n, 32, { canRewind: true });
  const threads = new ThreadChoice([1]);
  const shape = { batchSize: 16, parallel: 16, maxWaiting: 10, outputSize: FAKE_VOCABULARY, threads };
  const scheduler = new Scheduler(llama, 0n, sequences, shape);
  const settled: number[] = [];
  const start = (onSettled: (tokens: readonly number[]) => void) => {
    const job = new BeamSearch({
      prompt,
      options,
      grammar,
      candidates: candidatesOf(FAKE_VOCABULARY),
      signal: new AbortController().signal,
      endsGeneration: (token) => END.has(token),
      completesStop: (tokens, next) => endsWith([...tokens, next], stop),
      onSettled,
      check,
    });
    return new Promise<Hypothesis[]>((resolve, reject) => {
      job.end = (error) =>
        error === undefined || job.endForWantOfRoom(error) ? resolve(job.finished) : reject(error);
      scheduler.add(job);
    });
  };
  const found = await Promise.all([
    start((tokens) => void settled.push(...tokens)),
    ...Array.from({ length: others }, () => start(() => {})),
  ]);
  for (const hypotheses of found) expect(hypotheses).toEqual(found[0]);
  return { hypotheses: found[0]!, settled, evaluated: scheduler.evaluated };
}

function candidatesOf(size: number): Candidates {
  const data = new ArrayBuffer(12 * size);
  return { ids: new Int32Array(data), floats: new Float32Array(data), size: 0, selected: -1 };
}

/** Beam search as one would write it down: whole texts, evaluated anew at each step. */
function reference(prompt: readonly number[], options: BeamOptions, stop?: readonly number[]) {
  const { beams, lengthPenalty, earlyStopping, maxTokens } = options;
  const score = (sum: number, length: number) => sum / length ** lengthPenalty;
  let live = [{ tokens: [] as number[], sum: 0 }];
  const done: { tokens: number[]; score: number }[] = [];
  const keepBest = () => done.sort((a, b) => b.score - a.score).splice(beams);
  while (live.length > 0) {
    const next = live
      .flatMap(({ tokens, sum }) => {
        const logits = fakeLogits([...prompt, ...tokens]);
        const total = Math.log(logits.reduce((all, logit) => all + Math.exp(logit), 0));
        return Array.from(logits, (logit, id) => ({ tokens, id, sum: sum + logit - total }));
      })
      .sort((a, b) => b.sum - a.sum)
      .slice(0, 2 * beams);
    const isStopped = (one: { tokens: number[]; id: number }) => endsWith([...one.tokens, one.id], stop);
    for (const { tokens, id, sum } of next.slice(0, beams)) {
      const ended = { score: score(sum, tokens.length + 1) };
      if (END.has(id)) done.push({ tokens, ...ended });
      else if (isStopped({ tokens, id })) done.push({ tokens: [...tokens, id], ...ended });
    }
    keepBest();
    live = next
      .filter((one) => !END.has(one.id) && !isStopped(one))
      .slice(0, beams)
      .map(({ tokens, id, sum }) => ({ tokens: [...tokens, id], sum }));
    if (live[0]?.tokens.length === maxTokens) {
      done.push(...live.map(({ tokens, sum }) => ({ tokens, score: score(sum, tokens.length) })));
      keepBest();
      break;
    }
    const best = Math.max(...live.map(({ sum, tokens }) => score(sum, tokens.length)));
    if (done.length === beams && (earlyStopping || best <= done.at(-1)!.score)) break;
  }
  return done;
}

/** The same tokens are allowed wherever a text stands. */
function fakeGrammar(isAllowed: (id: number) => boolean, calls = { allows: 0, restrict: 0 }): Grammar {
  const grammar = {
    allows: (id: number) => ++calls.allows > 0 && isAllowed(id),
    restrict(candidates: Candidates) {
      calls.restrict++;
      const { ids, floats, size } = candidates;
      candidates.size = 0;
      for (let at = 0; at < 3 * size; at += 3) {
        if (!isAllowed(ids[at]!)) continue;
        const to = 3 * candidates.size++;
        [ids[to], floats[to + 1]] = [ids[at]!, floats[at + 1]!];
      }
    },
    accept: () => {},
    copy: () => grammar,
    dispose: () => {},
  };
  return grammar as unknown as Grammar;
}

/** The texts of one token that a search over these logits finds, without a scheduler. */
function oneStep(logits: Float32Array, beams: number, grammar: Grammar): number[] {
  const job = new BeamSearch({
    prompt: [1],
    options: { beams, lengthPenalty: 1, earlyStopping: false, maxTokens: 1 },
    grammar,
    candidates: candidatesOf(logits.length),
    signal: new AbortController().signal,
    endsGeneration: () => false,
    completesStop: () => false,
    onSettled: () => {},
    check: logOfSum,
  });
  const [lane] = job.lanes;
  const sequences = { fork: () => ({}), forget: () => {}, release: () => {} } as unknown as Sequences;
  job.advance([{ lane: lane!, position: 0, values: logits }], sequences);
  return job.finished.map(({ tokens }) => tokens[0]!);
}

const PROMPT = fc.array(fc.nat(FAKE_VOCABULARY - 1), { minLength: 1, maxLength: 20 });

/** One token ends many texts, two end some. */
const STOP = fc.option(fc.array(fc.nat(FAKE_VOCABULARY - 1), { minLength: 1, maxLength: 2 }), {
  nil: undefined,
});

const OPTIONS = fc.record({
  beams: fc.integer({ min: 1, max: 5 }),
  lengthPenalty: fc.constantFrom(0, 0.6, 1, 2),
  earlyStopping: fc.boolean(),
  maxTokens: fc.integer({ min: 1, max: 8 }),
});

describe("BeamSearch", () => {
  test("finds what the plain search finds, with the same scores, also where cells run out", async () => {
    await fc.assert(
      fc.asyncProperty(PROMPT, OPTIONS, fc.nat(2), STOP, async (prompt, options, others, stop) => {
        const { hypotheses, settled } = await search(prompt, options, { others, cells: 100, stop });
        const expected = reference(prompt, options, stop);
        expect(hypotheses.map(({ tokens }) => tokens)).toEqual(expected.map(({ tokens }) => tokens));
        for (const [i, { score }] of expected.entries()) expect(hypotheses[i]!.score).toBeCloseTo(score, 4);
        expect(settled).toEqual(hypotheses[0]!.tokens);
      }),
      { numRuns: 150 },
    );
  });

  test("evaluates the prompt once, and a token for each beam and step", async () => {
    const prompt = Array.from({ length: 40 }, (_, i) => i % 5);
    const options = { beams: 4, lengthPenalty: 1, earlyStopping: false, maxTokens: 6 };
    expect((await search(prompt, options)).evaluated).toBeLessThanOrEqual(40 + 4 * 5);
  });

  test("beams that the context cannot hold end as if the tokens were out, with the best that there is", async () => {
    await fc.assert(
      fc.asyncProperty(PROMPT, OPTIONS, fc.nat(40), async (prompt, options, room) => {
        const endless = { ...options, maxTokens: 30 };
        const { hypotheses, settled } = await search(prompt, endless, { cells: prompt.length + room });
        const longest = Math.max(...hypotheses.map(({ tokens }) => tokens.length));
        const cut = hypotheses.some(({ isEnded }) => !isEnded);
        // What was ended by the model is found by a search of as many tokens, too; of those under way it has more.
        const expected = reference(prompt, { ...options, maxTokens: cut ? longest : 30 });
        expect(hypotheses.map(({ tokens }) => tokens)).toEqual(expected.map(({ tokens }) => tokens));
        expect(settled).toEqual(hypotheses[0]!.tokens);
      }),
      { numRuns: 100 },
    );
  });

  test("no room for the prompt is an error, and so is what the search fails of itself", async () => {
    const options = { beams: 4, lengthPenalty: 0, earlyStopping: false, maxTokens: 30 };
    const prompt = [3, 1, 2, 4, 5, 6, 8, 9];
    await expect(search(prompt, options, { cells: 7 })).rejects.toThrow(/no room for so many beams/);
    let rows = 0;
    const check = (logits: Float32Array) => {
      if (++rows > 3) throw new InputError("damaged");
      return logOfSum(logits);
    };
    await expect(search(prompt, options, { check })).rejects.toThrow("damaged");
  });

  test("of a large vocabulary, a grammar is asked for few tokens one by one, and once for the rest", () => {
    const size = 5000;
    const logits = fc.noShrink(
      fc.array(fc.integer({ min: -40, max: 40 }), { minLength: size, maxLength: size }),
    );
    const ids = fc.array(fc.nat(size - 1), { minLength: 1, maxLength: 30 });
    const rule = fc.oneof(
      ids.map((some) => (id: number) => some.includes(id)),
      fc.integer({ min: 2, max: 400 }).map((every) => (id: number) => id % every === 0),
    );
    fc.assert(
      fc.property(logits, rule, fc.integer({ min: 1, max: 5 }), (values, isAllowed, beams) => {
        const calls = { allows: 0, restrict: 0 };
        const tokens = oneStep(Float32Array.from(values), beams, fakeGrammar(isAllowed, calls));
        const wanted = [...values.keys()].filter(isAllowed).sort((a, b) => values[b]! - values[a]! || a - b);
        // A sum of numbers in another order tells equals apart: those are compared by their logits.
        expect(tokens.map((id) => values[id])).toEqual(wanted.slice(0, beams).map((id) => values[id]));
        expect(tokens.every(isAllowed)).toBe(true);
        expect(calls.allows).toBeLessThanOrEqual(16 * beams);
        expect(calls.restrict).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });

  test("a grammar that allows no token is an error, as when sampling", async () => {
    const options = { beams: 2, lengthPenalty: 1, earlyStopping: false, maxTokens: 5 };
    const grammar = fakeGrammar(() => false);
    await expect(search([1, 2], options, { grammar })).rejects.toThrow(NO_TOKEN);
  });

  test("one beam without penalty is greedy decoding", async () => {
    const options = { beams: 1, lengthPenalty: 0, earlyStopping: true, maxTokens: 10 };
    const { hypotheses } = await search([3, 1, 2], options);
    const tokens: number[] = [];
    for (; tokens.length < 10; ) {
      const logits = fakeLogits([3, 1, 2, ...tokens]);
      const id = logits.indexOf(Math.max(...logits));
      if (END.has(id)) break;
      tokens.push(id);
    }
    expect(hypotheses[0]!.tokens).toEqual(tokens);
  });
});
