/**
 * Logits of one position in, the chosen token out, by llama.cpp's samplers: penalties, the cuts, temperature, a draw; and
 * a grammar, asked of the chosen token first, since asking it of the whole vocabulary takes long.
 */
import type { ResolvedGenerateOptions } from "../../generate-options.ts";
import type { Candidates, Llama, Pointer } from "../llama.ts";
import { fillCandidates } from "./candidates.ts";
import type { Grammar } from "./grammar.ts";
import { likeliest } from "./logprobs.ts";

export type Sampling = Pick<
  ResolvedGenerateOptions,
  "temperature" | "topP" | "topK" | "minP" | "repeatPenalty" | "seed"
>;

/** How many tokens of the completion, the latest, a repeat penalty looks at. */
const REPEAT_WINDOW = 64;

/** Below this, sampling is greedy: dividing logits by less overflows. */
const LEAST_TEMPERATURE = 1e-3;

export class Sampler {
  readonly #llama: Llama;
  /** Shared with the other samplers of the model: they are asked one after another. */
  readonly #candidates: Candidates;
  readonly #chain: Pointer;
  /** Nothing but the likeliest token is asked for: no sampler has to look at a copy of the whole vocabulary. */
  readonly #isPlain: boolean;
  /** Logits lower than the highest by more have no chance, and are not looked at. */
  readonly #reach: number;
  readonly #grammar: Grammar | undefined;

  constructor(llama: Llama, candidates: Candidates, sampling: Sampling, grammar: Grammar | undefined) {
    this.#llama = llama;
    this.#candidates = candidates;
    this.#grammar = grammar;
    this.#isPlain = sampling.temperature < LEAST_TEMPERATURE && sampling.repeatPenalty === 1;
    this.#reach = reachOf(sampling);
    this.#chain = chainOf(llama, candidates.ids.length / 3, sampling);
  }

  /** Nothing where the grammar allows no token. The choice is remembered. */
  choose(logits: Float32Array): number | undefined {
    const token = this.#pick(logits);
    if (token === undefined) return undefined;
    if (!this.#isPlain) this.#llama.accept(this.#chain, token);
    this.#grammar?.accept(token);
    return token;
  }

  dispose(): void {
    this.#llama.freeSampler(this.#chain);
    this.#grammar?.dispose();
  }

  #pick(logits: Float32Array): number | undefined {
    const best = likeliest(logits);
    const token = this.#isPlain ? best : this.#draw(logits, logits[best]! - this.#reach);
    if (!this.#grammar || token === undefined || this.#grammar.allows(token)) return token;
    fillCandidates(this.#candidates, logits, Number.NEGATIVE_INFINITY);
    this.#grammar.restrict(this.#candidates);
    return this.#apply();
  }

  #draw(logits: Float32Array, least: number): number | undefined {
    fillCandidates(this.#candidates, logits, least);
    return this.#apply();
  }

  #apply(): number | undefined {
    if (this.#candidates.size === 0) return undefined;
    this.#llama.apply(this.#chain, this.#candidates);
    return this.#candidates.ids[3 * this.#candidates.selected]!;
  }
}

/**
 * 25 at a temperature of 1: of 128,000 tokens all but one below it have two millionths together. A penalty may lower
 * the highest ones, and a nucleus is cut before the temperature is applied.
 */
function reachOf({ temperature, topP, repeatPenalty }: Sampling): number {
  if (repeatPenalty !== 1) return Number.POSITIVE_INFINITY;
  return 25 * (topP < 1 ? Math.max(1, temperature) : temperature);
}

function chainOf(llama: Llama, vocabularySize: number, sampling: Sampling): Pointer {
  const { temperature, topP, topK, minP, repeatPenalty, seed } = sampling;
  const isGreedy = temperature < LEAST_TEMPERATURE;
  const chain = llama.newSampler();
  const add = (sampler: Pointer) => llama.addToChain(chain, sampler);
  if (repeatPenalty !== 1) add(llama.penalties(vocabularySize, REPEAT_WINDOW, repeatPenalty));
  if (isGreedy) {
    add(llama.greedy());
    return chain;
  }
  if (topK > 0) add(llama.topK(topK));
  if (topP < 1) add(llama.topP(topP));
  if (minP > 0) add(llama.minP(minP));
  add(llama.temperature(temperature));
  add(llama.distribution(seed));
  return chain;
}
