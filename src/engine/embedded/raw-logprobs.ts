/**
 * Reads the model's own distribution at a position (temperature 1, before grammar and penalties) through llama.cpp's
 * sampler: natural-log probabilities of given tokens, and the most likely ones.
 */
import { InputError } from "../../errors.ts";
import type { NativeContext, NativeModel, NativeSampler } from "./bindings.ts";

export interface IdLogprob {
  id: number;
  logprob: number;
}

export interface RawPosition {
  /** The most likely token. */
  best: number;
  logprob(token: number): number;
}

export class RawLogprobs {
  readonly #context: NativeContext;
  readonly #greedy: NativeSampler;

  readonly #path: string;

  /** `path` stands in the error of a model whose numbers are not finite. */
  constructor(model: NativeModel, path: string) {
    this.#context = model.context;
    this.#path = path;
    // Nothing but the choice of the largest logit: it leaves the logits as they are.
    this.#greedy = model.createSampler({ temperature: 0 });
  }

  /** Log-probabilities of `tokens` and of the most likely token. Fails where they are not finite. */
  async read(index: number, tokens: readonly number[]): Promise<RawPosition> {
    // The greedy choice has the largest logit, so that logit - largest - ln(sum of exp(logit - largest)) is exact.
    const filter: [number[], false, false, true, number] = [[...tokens], false, false, true, 0];
    const [best, , , logits, weight] = await this.#sample(index, filter);
    const found = pairs(logits);
    const largest = found.get(best);
    if (largest === undefined || !Number.isFinite(largest) || !(weight >= 1) || !Number.isFinite(weight))
      throw new InputError(
        `${this.#path}: its probabilities are not finite: the weights are damaged, fetch or export it again`,
      );
    return { best, logprob: (token) => (found.get(token) ?? Number.NaN) - largest - Math.log(weight) };
  }

  /** The `count` most likely tokens, after `read` has found the position sound: sorting needs finite numbers. */
  async top(index: number, count: number): Promise<IdLogprob[]> {
    if (count === 0) return [];
    const [, , , logits, weight] = await this.#sample(index, [[], false, false, false, count]);
    const largest = logits[1] ?? 0;
    return Array.from(pairs(logits), ([id, logit]) => ({ id, logprob: logit - largest - Math.log(weight) }));
  }

  dispose(): void {
    this.#greedy.dispose();
  }

  #sample(index: number, filter: [number[], false, false, boolean, number]) {
    return this.#context.sampleToken(index, this.#greedy, false, false, filter, true);
  }
}

function pairs(flat: readonly number[]): Map<number, number> {
  const map = new Map<number, number>();
  for (let i = 0; i + 1 < flat.length; i += 2) map.set(flat[i]!, flat[i + 1]!);
  return map;
}
