/** Requests as the benchmarks make them: prompts that no other request begins like, greedy or drawn. */
import type { DecodeRequest, TokenEngine } from "../../src/engine/embedded/token-engine.ts";

const GREEDY = { temperature: 0, topP: 1, topK: 0, minP: 0, repeatPenalty: 1, seed: 1 };

let prompts = 0;

/** Ids from 300 to 1,799, which every model here has. */
export function newPrompt(length: number): number[] {
  prompts++;
  return Array.from({ length }, (_, i) => 300 + ((i * 31 + prompts * 97) % 1500));
}

/** Greedy without a seed, else drawn as it is. */
export function request(prompt: readonly number[], maxTokens: number, seed?: number): DecodeRequest {
  const sampling = seed === undefined ? GREEDY : { ...GREEDY, temperature: 1, seed };
  const signal = new AbortController().signal;
  return { prompt, maxTokens, sampling, grammar: undefined, topLogprobs: undefined, signal };
}

/** How many tokens came. */
export async function countTokens(engine: TokenEngine, asked: DecodeRequest): Promise<number> {
  let count = 0;
  await engine.decode(asked, () => ++count > 0);
  return count;
}

export async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
