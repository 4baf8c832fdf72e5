/** What is gained by evaluating once what texts have in common, each as a ratio of times in one process. */
import type { TokenEngine } from "../../src/engine/embedded/token-engine.ts";
import { countTokens, milliseconds, newPrompt, request } from "./requests.ts";

/** Time to the first token of a second step, which continues the first one's prompt and answer, over a cold one's. */
export async function secondStep(engine: TokenEngine, length: number): Promise<number> {
  const prompt = newPrompt(length);
  const made: number[] = [];
  const cold = await milliseconds(() => engine.decode(request(prompt, 1), ({ id }) => made.push(id) > 0));
  const second = [...prompt, ...made, ...newPrompt(13)];
  return (await milliseconds(() => countTokens(engine, request(second, 1)))) / cold;
}

/** Tokens a second of seven answers to one prompt at once over those of seven calls one by one, the prompt included. */
export async function sevenAtOnce(engine: TokenEngine, length: number, round: number): Promise<number> {
  const run = (prompt: readonly number[], i: number) =>
    countTokens(engine, request(prompt, 64, 7 * round + i));
  let together = 0;
  const shared = newPrompt(length);
  const atOnce = await milliseconds(async () => {
    const counts = await Promise.all(Array.from({ length: 7 }, (_, i) => run(shared, i)));
    together = counts.reduce((a, b) => a + b, 0);
  });
  let apart = 0;
  const oneByOne = await milliseconds(async () => {
    // Each with a prompt of its own: what one has evaluated is no help to the next.
    for (let i = 0; i < 7; i++) apart += await run(newPrompt(length), i);
  });
  return together / atOnce / (apart / oneByOne);
}

const BEAMS = 4;
const STEPS = 48;

/** Time of a step of beam search over that of a step of as many samples. */
export async function beamsBesideSamples(engine: TokenEngine, round: number): Promise<number> {
  const prompt = newPrompt(64);
  const before = engine.evaluatedTokens;
  const beams = await milliseconds(() =>
    engine.beamSearch(
      { prompt, grammar: undefined, signal: new AbortController().signal },
      { beams: BEAMS, lengthPenalty: 0, earlyStopping: false, maxTokens: STEPS },
      { completesStop: () => false, onSettled: () => {} },
    ),
  );
  // The first step has one text yet.
  const steps = 1 + (engine.evaluatedTokens - before - prompt.length) / BEAMS;
  const other = newPrompt(64);
  const samples = await milliseconds(() =>
    Promise.all(
      Array.from({ length: BEAMS }, async (_, i) => {
        // One that has ended makes room for another: there are always four.
        for (let left = STEPS, seed = 1000 * round + i; left > 0; seed += BEAMS)
          left -= 1 + (await countTokens(engine, request(other, left, seed)));
      }),
    ),
  );
  return beams / steps / (samples / STEPS);
}
