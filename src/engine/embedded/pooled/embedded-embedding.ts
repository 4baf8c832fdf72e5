/**
 * spec's EmbeddingModel over a PooledEngine. Of a call with many texts only some are under way at a time, so that a
 * question waits for a few texts of a collection that is being read and not for all of it.
 */
import { InputError } from "../../../errors.ts";
import type { EmbeddingModel, EmbedOptions } from "../../../spec/embedding-model.ts";
import { mapConcurrently } from "../../../util/map-concurrently.ts";
import type { EmbeddingPrefixes } from "../../embedding-prefix.ts";
import { unitVector } from "../../unit-vector.ts";
import type { PooledEngine } from "./pooled-engine.ts";

export interface EmbeddedEmbeddingParts {
  name: string;
  /** Of the model file, for errors. */
  path: string;
  engine: PooledEngine;
  prefixes: EmbeddingPrefixes;
}

/** Letters a token has at most on an average: so many are tokenized at first, more where they were too few. */
const TOKEN_CHARACTERS = 8;
/** Letters a token has about: as many texts are under way as fill two batches, one that is evaluated and the next. */
const USUAL_TOKEN_CHARACTERS = 4;

export class EmbeddedEmbedding implements EmbeddingModel {
  readonly name: string;
  readonly dimension: number;
  readonly #parts: EmbeddedEmbeddingParts;

  constructor(parts: EmbeddedEmbeddingParts) {
    this.name = parts.name;
    this.dimension = parts.engine.dimension;
    this.#parts = parts;
  }

  /** Tokens evaluated so far, and in how many batches: for tests and measurements. */
  get evaluated(): { tokens: number; batches: number } {
    return this.#parts.engine.evaluated;
  }

  /** A text without a letter has no meaning, and becomes zeros. */
  embed(texts: readonly string[], { role, signal }: EmbedOptions): Promise<Float32Array[]> {
    const { engine, prefixes } = this.#parts;
    const { batchSize, parallel } = engine.options;
    const limit = 2 * batchSize;
    const weight = (text: string) => Math.max(text.length / USUAL_TOKEN_CHARACTERS, limit / parallel);
    return engine.during(signal, (stop) =>
      mapConcurrently(
        texts,
        async (text) =>
          text.trim() === ""
            ? new Float32Array(this.dimension)
            : await this.#vector(prefixes[role] + text, stop),
        { limit, weight },
      ),
    );
  }

  close(): Promise<void> {
    return this.#parts.engine.close();
  }

  async #vector(text: string, signal: AbortSignal): Promise<Float32Array> {
    const { engine, path } = this.#parts;
    signal.throwIfAborted();
    const vector = unitVector(await engine.pool(this.#tokens(text), signal));
    if (vector) return vector;
    throw new InputError(
      `${path}: its vectors are not finite: the weights are damaged, fetch or export it again`,
    );
  }

  /** With the tokens that the model wants around a text, and without what is too much for the context. */
  #tokens(text: string): number[] {
    const { engine } = this.#parts;
    const { contextSize } = engine.options;
    const first = engine.first === undefined ? [] : [engine.first];
    const last = engine.last === undefined ? [] : [engine.last];
    const room = Math.max(0, contextSize - first.length - last.length);
    let tokens: Int32Array = new Int32Array(0);
    for (let length = TOKEN_CHARACTERS * contextSize; ; length *= 4) {
      tokens = engine.tokenize(text.slice(0, length), false);
      if (tokens.length > room || length >= text.length) break;
    }
    return [...first, ...tokens.subarray(0, room), ...last];
  }
}
