/**
 * Logits of one position in, the chosen token out, by llama.cpp's samplers: penalties, the cuts, temperature, a draw; and
 * a grammar, asked of the chosen token first, since asking it of the whole vocabulary takes long.
 */
import type { ResolvedGenerateOptions } from "../../generate-options.ts";
import type { Candidates, Llama, Pointer } from "../llama.ts";
import type { Grammar } from "./grammar.ts";

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
  readonly #grammar: Grammar | undefined;

  constructor(llama: Llama, candidates: Candidates, sampling: Sampling, grammar: Grammar | undefined) {
    this.#llama = llama;
    this.#candidates = candidates;
    this.#grammar = grammar;
    this.#isPlain = sampling.temperature < LEAST_TEMPERATURE && sampling.repeatPenalty === 1;
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
    const token = this.#isPlain ? likeliest(logits) : this.#draw(logits);
    if (!this.#grammar || this.#grammar.allows(token)) return token;
    fill(this.#candidates, logits);
    this.#grammar.restrict(this.#candidates);
    return this.#candidates.size === 0 ? undefined : this.#apply();
  }

  #draw(logits: Float32Array): number {
    fill(this.#candidates, logits);
    return this.#apply();
  }

  #apply(): number {
    this.#llama.apply(this.#chain, this.#candidates);
    return this.#candidates.ids[3 * this.#candidates.selected]!;
  }
}

function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  return best;
}

function fill(candidates: Candidates, logits: Float32Array): void {
  const { ids, floats } = candidates;
  for (let id = 0, at = 0; id < logits.length; id++, at += 3) {
    ids[at] = id;
    floats[at + 1] = logits[id]!;
  }
  candidates.size = logits.length;
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
