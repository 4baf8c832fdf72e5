/**
 * One sequence of llama.cpp's KV cache: remembers which tokens it holds, keeps the part that a new prompt shares,
 * and evaluates the rest in chunks. One caller at a time.
 */
import { VikhrError } from "../../errors.ts";
import type { NativeContext } from "./bindings.ts";

/** The only one of its context. */
const SEQUENCE = 0;

export class KvSequence {
  readonly #context: NativeContext;
  /** What the cache holds, by position. */
  #tokens: number[] = [];
  /** Tokens evaluated since the beginning: for tests and measurements. */
  evaluated = 0;

  constructor(context: NativeContext) {
    this.#context = context;
  }

  /** Forgets what differs from `prompt` and all beyond its first `limit` tokens; returns how many are left. */
  keepPrefix(prompt: readonly number[], limit: number): number {
    let shared = 0;
    const most = Math.min(limit, this.#tokens.length);
    while (shared < most && this.#tokens[shared] === prompt[shared]) shared++;
    if (shared === this.#tokens.length) return shared;
    // Architectures with a sliding window or a recurrent state cannot go back: they begin again.
    if (!this.#context.removeTokenCellsFromSequence(SEQUENCE, shared, -1)) shared = this.#forget();
    this.#tokens.length = shared;
    return shared;
  }

  /** Appends at most a batch of tokens. `outputs`: places in `tokens` to sample at, as indexes of the result. */
  async evaluate(tokens: readonly number[], outputs: readonly number[]): Promise<Uint32Array> {
    const context = this.#context;
    try {
      context.initBatch(tokens.length);
      const indexes = context.addToBatch(
        SEQUENCE,
        this.#tokens.length,
        Uint32Array.from(tokens),
        Uint32Array.from(outputs),
      );
      await context.decodeBatch();
      for (const token of tokens) this.#tokens.push(token);
      this.evaluated += tokens.length;
      return indexes;
    } catch (cause) {
      // What the cache holds now is not known.
      this.#tokens.length = this.#forget();
      const what = cause instanceof Error ? cause.message : String(cause);
      throw new VikhrError(`llama.cpp could not evaluate ${tokens.length} tokens: ${what}`, { cause });
    }
  }

  #forget(): 0 {
    this.#context.removeTokenCellsFromSequence(SEQUENCE, 0, -1);
    return 0;
  }
}
