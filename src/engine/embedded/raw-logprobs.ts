/**
 * Reads the model's own distribution at a position (temperature 1, before grammar and penalties) through llama.cpp's
 * sampler: natural-log probabilities of given tokens, and the most likely ones.
 */
import { InputError } from "../../errors.ts";
import { MAX_TOP_LOGPROBS } from "../generate-options.ts";
import type { LogitFilter, NativeContext, NativeModel, NativeSampler } from "./bindings.ts";

export interface IdLogprob {
  id: number;
  logprob: number;
}

/** What the model makes of one position. */
export class RawPosition {
  readonly #logits: ReadonlyMap<number, number>;
  readonly #logOfSum: number;

  /** `logOfSum`: ln of the sum of exp(logit) over the vocabulary. */
  constructor(logits: ReadonlyMap<number, number>, logOfSum: number) {
    this.#logits = logits;
    this.#logOfSum = logOfSum;
  }

  /** Of a token that was asked for. */
  logprob(token: number): number {
    return (this.#logits.get(token) ?? Number.NaN) - this.#logOfSum;
  }

  ofLogits(logits: ReadonlyMap<number, number>): IdLogprob[] {
    return Array.from(logits, ([id, logit]) => ({ id, logprob: logit - this.#logOfSum }));
  }
}

export class RawLogprobs {
  readonly #context: NativeContext;
  /** Chooses the largest logit, and leaves all as they are. */
  readonly #greedy: NativeSampler;
  /** Keeps the largest logits, sorted, as they are: far cheaper than the addon's own sorting of all. */
  readonly #largest: NativeSampler;
  readonly #path: string;

  /** `path` stands in the error of a model whose numbers are not finite. */
  constructor(model: NativeModel, path: string) {
    this.#context = model.context;
    this.#path = path;
    this.#greedy = model.createSampler({ temperature: 0 });
    this.#largest = model.createSampler({ temperature: 1, topK: MAX_TOP_LOGPROBS, seed: 0 });
  }

  /** For the log-probabilities of `tokens`. An error where the model's numbers are not finite. */
  async read(index: number, tokens: readonly number[]): Promise<RawPosition> {
    // The chosen token has the largest logit; the weight is the sum of exp(logit - largest) over the vocabulary.
    const filter: LogitFilter = [[...tokens], false, false, true, 0];
    const [best, , , found, weight] = await this.#sample(index, this.#greedy, filter);
    const logits = pairs(found);
    const largest = logits.get(best) ?? Number.NaN;
    const logOfSum = largest + Math.log(weight);
    if (!Number.isFinite(logOfSum))
      throw new InputError(
        `${this.#path}: its probabilities are not finite: the weights are damaged, fetch or export it again`,
      );
    return new RawPosition(logits, logOfSum);
  }

  /** The `count` most likely tokens of a position that `read` has found sound: sorting needs finite numbers. */
  async top(index: number, position: RawPosition, count: number): Promise<IdLogprob[]> {
    if (count === 0) return [];
    const [, , , found] = await this.#sample(index, this.#largest, [[], false, false, false, count]);
    return position.ofLogits(pairs(found));
  }

  dispose(): void {
    this.#greedy.dispose();
    this.#largest.dispose();
  }

  #sample(index: number, sampler: NativeSampler, filter: LogitFilter) {
    return this.#context.sampleToken(index, sampler, false, false, filter, true);
  }
}

function pairs(flat: readonly number[]): Map<number, number> {
  const map = new Map<number, number>();
  for (let i = 0; i + 1 < flat.length; i += 2) map.set(flat[i]!, flat[i + 1]!);
  return map;
}
