/**
 * spec's EmbeddingModel over llama.cpp: text by text, each in turn with those of other callers, so that a question
 * waits for one text of a collection that is being read and not for all of it.
 */
import { InputError, VikhrError } from "../../errors.ts";
import type { EmbeddingModel, EmbedOptions } from "../../spec/embedding-model.ts";
import type { EmbeddingPrefixes } from "../embedding-prefix.ts";
import { LinkedAbort } from "../linked-abort.ts";
import { unitVector } from "../unit-vector.ts";
import type { NativeEmbedder } from "./bindings.ts";
import type { Pooling } from "./embedding-header.ts";

export interface EmbeddedEmbeddingParts {
  name: string;
  /** Of the model file, for errors. */
  path: string;
  model: NativeEmbedder;
  contextSize: number;
  /** The most tokens evaluated in one go; the whole context for a model that is not causal. */
  batchSize: number;
  pooling: Pooling;
  prefixes: EmbeddingPrefixes;
}

/** The only one of its context, and the only one that the addon gives vectors of. */
const SEQUENCE = 0;
/** Letters a token has at most on an average: so many are tokenized at first, more where they were too few. */
const TOKEN_CHARACTERS = 8;

export class EmbeddedEmbedding implements EmbeddingModel {
  readonly name: string;
  readonly dimension: number;
  readonly #parts: EmbeddedEmbeddingParts;
  readonly #closing = new AbortController();
  #last: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(parts: EmbeddedEmbeddingParts) {
    this.name = parts.name;
    this.dimension = parts.model.dimension;
    this.#parts = parts;
  }

  /** A text without a letter has no meaning, and becomes zeros. */
  async embed(texts: readonly string[], { role, signal }: EmbedOptions): Promise<Float32Array[]> {
    const stop = new LinkedAbort(signal, this.#closing.signal);
    try {
      stop.signal.throwIfAborted();
      const vectors: Float32Array[] = [];
      for (const text of texts) {
        if (text.trim() === "") vectors.push(new Float32Array(this.dimension));
        else vectors.push(await this.#inTurn(this.#parts.prefixes[role] + text, stop.signal));
      }
      return vectors;
    } finally {
      stop.end();
    }
  }

  /** Stops what is running and frees everything; more than once is the same as once. */
  close(): Promise<void> {
    this.#closing.abort(new VikhrError(`the model '${this.name}' is closed`));
    this.#closed ??= this.#last.then(() => this.#parts.model.dispose());
    return this.#closed;
  }

  async #vector(text: string, signal: AbortSignal): Promise<Float32Array> {
    const { model, batchSize, pooling, path } = this.#parts;
    signal.throwIfAborted();
    const tokens = this.#tokens(text);
    const { context } = model;
    const sum = new Float64Array(this.dimension);
    context.removeTokenCellsFromSequence(SEQUENCE, 0, -1);
    for (let from = 0; from < tokens.length; from += batchSize) {
      signal.throwIfAborted();
      const piece = tokens.slice(from, from + batchSize);
      const pooled = await this.#evaluate(piece, from);
      // What llama.cpp gives is pooled over this piece alone.
      if (pooling === "mean") for (let i = 0; i < sum.length; i++) sum[i]! += pooled[i]! * piece.length;
      else if (pooling === "last" || from === 0) sum.set(pooled);
    }
    const vector = unitVector(sum);
    if (!vector)
      throw new InputError(
        `${path}: its vectors are not finite: the weights are damaged, fetch or export it again`,
      );
    return vector;
  }

  async #evaluate(tokens: Uint32Array, position: number): Promise<Float64Array> {
    const { context } = this.#parts.model;
    try {
      context.initBatch(tokens.length);
      context.addToBatch(
        SEQUENCE,
        position,
        tokens,
        tokens.map((_, i) => i),
      );
      await context.decodeBatch();
      return context.getEmbedding(tokens.length);
    } catch (cause) {
      const what = cause instanceof Error ? cause.message : String(cause);
      throw new VikhrError(`llama.cpp could not evaluate ${tokens.length} tokens: ${what}`, { cause });
    }
  }

  /** With the tokens that the model wants around a text, and without what is too much for the context. */
  #tokens(text: string): Uint32Array {
    const { model, contextSize } = this.#parts;
    const first = model.first === undefined ? [] : [model.first];
    const last = model.last === undefined ? [] : [model.last];
    const room = Math.max(0, contextSize - first.length - last.length);
    let tokens = new Uint32Array(0);
    for (let length = TOKEN_CHARACTERS * contextSize; ; length *= 4) {
      tokens = new Uint32Array(model.tokenize(text.slice(0, length)));
      if (tokens.length > room || length >= text.length) break;
    }
    return Uint32Array.of(...first, ...tokens.subarray(0, room), ...last);
  }

  /** After all that came before. The caller waits no longer than its signal; who comes next, until it is done. */
  #inTurn(text: string, signal: AbortSignal): Promise<Float32Array> {
    const turn = this.#last.then(() => this.#vector(text, signal));
    this.#last = turn.catch(() => undefined);
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      turn.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
    });
  }
}
