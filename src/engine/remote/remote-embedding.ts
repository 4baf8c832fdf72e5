/**
 * spec's EmbeddingModel over a server's /embeddings: texts in batches, one after another, and the answers checked
 * before anything relies on them. How long a text may be only the server knows.
 */
import { ContextOverflowError, InputError, VikhrError } from "../../errors.ts";
import type { EmbeddingModel, EmbedOptions } from "../../spec/embedding-model.ts";
import type { EmbeddingPrefixes } from "../embedding-prefix.ts";
import { LinkedAbort } from "../linked-abort.ts";
import { TransientError } from "../retrying.ts";
import { unitVector } from "../unit-vector.ts";
import type { HttpClient } from "./http-client.ts";
import { embeddingsSchema } from "./wire.ts";

interface EmbeddingServer {
  client: HttpClient;
  baseUrl: string;
  modelId: string;
  /** POST /embeddings. */
  ask: (body: unknown, signal: AbortSignal) => Promise<unknown>;
}

export interface RemoteEmbeddingParts extends EmbeddingServer {
  dimension: number;
  prefixes: EmbeddingPrefixes;
}

/** A server that takes no text of so few characters has another fault. */
const LEAST_CUT = 200;

/** Texts that go in one request: some servers take no more. */
const BATCH = 64;

export class RemoteEmbedding implements EmbeddingModel {
  readonly name: string;
  readonly dimension: number;
  readonly #parts: RemoteEmbeddingParts;
  readonly #closing = new AbortController();
  /** In characters: what the server was found to take. */
  #longest = Number.POSITIVE_INFINITY;

  constructor(parts: RemoteEmbeddingParts) {
    this.name = parts.modelId;
    this.dimension = parts.dimension;
    this.#parts = parts;
  }

  /**
   * A text without a letter has no meaning, and becomes zeros: servers refuse it, or not. Of one that the server finds
   * too long the beginning counts, as in this process.
   */
  async embed(texts: readonly string[], { role, signal }: EmbedOptions): Promise<Float32Array[]> {
    const { client, prefixes } = this.#parts;
    const stop = new LinkedAbort(signal, this.#closing.signal);
    try {
      stop.signal.throwIfAborted();
      const vectors = texts.map((): Float32Array => new Float32Array(this.dimension));
      const places = [...texts.keys()].filter((place) => texts[place]!.trim() !== "");
      for (let from = 0; from < places.length; from += BATCH) {
        const batch = places.slice(from, from + BATCH);
        const prompts = batch.map((place) => prefixes[role] + texts[place]!);
        const found = await this.#request(prompts, stop.signal);
        for (const [i, vector] of found.entries()) {
          if (vector.length !== this.dimension)
            throw client.fault(`it gave vectors of ${this.dimension} numbers, and now of ${vector.length}`);
          vectors[batch[i]!] = vector;
        }
      }
      return vectors;
    } finally {
      stop.end();
    }
  }

  async #request(prompts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
    for (;;)
      try {
        const cut = prompts.map((prompt) => prompt.slice(0, this.#longest));
        return await requestVectors(this.#parts, cut, signal);
      } catch (error) {
        const longest = Math.min(this.#longest, Math.max(...prompts.map(({ length }) => length)));
        if (!(error instanceof TextTooLongError) || longest < LEAST_CUT) throw error;
        this.#longest = longest >> 1;
      }
  }

  async close(): Promise<void> {
    this.#closing.abort(new VikhrError(`the model '${this.name}' is closed`));
  }
}

/** One request; vectors of length 1, in the order of `input`. */
export async function requestVectors(
  { client, baseUrl, modelId, ask }: EmbeddingServer,
  input: readonly string[],
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const answer = await ask({ model: modelId, input, encoding_format: "float" }, signal).catch(
    (error: unknown) => {
      throw tooLong(error) ? lengthError(error, baseUrl, modelId, input) : error;
    },
  );
  const parsed = embeddingsSchema.safeParse(answer);
  if (!parsed.success)
    throw client.fault(
      "the server sent what are no vectors: check the address and the name of the embedding model",
    );
  const vectors = new Map(parsed.data.data.map(({ index, embedding }) => [index, unitVector(embedding)]));
  if (parsed.data.data.length !== input.length)
    throw client.fault(
      `the server sent ${parsed.data.data.length} vectors for ${input.length} texts: see its log`,
    );
  return input.map((_, i) => {
    const vector = vectors.get(i);
    if (!vector) throw client.fault(`the server sent no vector for text ${i}: see its log`);
    return vector;
  });
}

/** In the words of vLLM and OpenAI, text-embeddings-inference, llama-server, and others. */
const TOO_LONG =
  /context (?:length|size|window)|maximum model length|less than \d+ tokens|too (?:long|large)|max(?:imum)?[ _-]?(?:sequence|input|token)/i;

function tooLong(error: unknown): error is VikhrError {
  if (error instanceof ContextOverflowError) return true;
  // Limits of a rate speak of tokens as well.
  return error instanceof VikhrError && !(error instanceof TransientError) && TOO_LONG.test(error.message);
}

class TextTooLongError extends InputError {}

function lengthError(error: VikhrError, baseUrl: string, modelId: string, input: readonly string[]) {
  const longest = Math.max(...input.map((text) => text.length));
  const limit = error instanceof ContextOverflowError ? `${error.contextSize} tokens that` : "what";
  return new TextTooLongError(
    `${baseUrl}: a text is longer than ${limit} the model '${modelId}' takes there (the longest of ${input.length} has ${longest} characters): see its log`,
    { cause: error },
  );
}
