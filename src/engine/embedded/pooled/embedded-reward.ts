/** spec's RewardModel over a PooledEngine: the whole dialogue in, and the product of its vector with the model's head out. */
import { ContextOverflowError, InputError } from "../../../errors.ts";
import type { Prompt } from "../../../spec/language-model.ts";
import type { RewardModel } from "../../../spec/reward-model.ts";
import type { PooledEngine } from "./pooled-engine.ts";
import type { ScoringHead } from "./reward-header.ts";

export interface EmbeddedRewardParts {
  name: string;
  /** Of the model file, for errors. */
  path: string;
  engine: PooledEngine;
  head: ScoringHead;
  tokensOf: (prompt: Prompt, completion: string) => Promise<number[]>;
}

export class EmbeddedReward implements RewardModel {
  readonly name: string;
  readonly #parts: EmbeddedRewardParts;

  constructor(parts: EmbeddedRewardParts) {
    this.name = parts.name;
    this.#parts = parts;
  }

  /** Tokens evaluated so far, and in how many batches: for tests and measurements. */
  get evaluated(): { tokens: number; batches: number } {
    return this.#parts.engine.evaluated;
  }

  /** Throws `ContextOverflowError` where both do not fit: a reward of a part would be none. */
  score(
    prompt: Prompt,
    completion: string,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<number> {
    const { engine, head, tokensOf, path } = this.#parts;
    return engine.during(signal, async (stop) => {
      const tokens = await tokensOf(prompt, completion);
      const { contextSize } = engine.options;
      if (tokens.length > contextSize) throw new ContextOverflowError(tokens.length, contextSize);
      if (tokens.length === 0) throw new InputError("there is nothing to rate: give at least one token");
      const state = await engine.pool(tokens, stop);
      const reward = rewardOf(head, state);
      if (Number.isFinite(reward)) return reward;
      throw new InputError(
        `${path}: its reward is not finite: the weights are damaged, fetch or export it again`,
      );
    });
  }

  close(): Promise<void> {
    return this.#parts.engine.close();
  }
}

function rewardOf({ dense, weight, bias }: ScoringHead, state: Float64Array): number {
  const pooled = dense
    ? state.map((_, row) =>
        Math.tanh(product(dense.weight.subarray(row * state.length), state, dense.bias[row]!)),
      )
    : state;
  return product(weight, pooled, bias);
}

/** Of the first numbers of `weights`, as many as there are `values`. */
function product(weights: Float32Array, values: Float64Array, bias: number): number {
  return values.reduce((sum, value, i) => sum + value * weights[i]!, bias);
}
