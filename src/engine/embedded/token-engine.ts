/**
 * The token level: ids in, ids and log-probabilities out; KV reuse, prefill in chunks, one request at a time in the
 * order of arrival. Knows no text, messages or stop strings. A batching scheduler can take its place.
 */
import { VikhrError } from "../../errors.ts";
import type { ResolvedGenerateOptions } from "../generate-options.ts";
import { LinkedAbort } from "../linked-abort.ts";
import type { NativeModel, NativeSampler, SamplerConfig } from "./bindings.ts";
import { KvSequence } from "./kv-sequence.ts";
import type { PromptTokenizer } from "./prompt-tokens.ts";
import { type IdLogprob, RawLogprobs } from "./raw-logprobs.ts";

/** How many tokens of the completion, the latest, a repeat penalty looks at. */
const REPEAT_WINDOW = 64;
/** Below this, sampling is greedy: dividing logits by less overflows. */
const LEAST_TEMPERATURE = 1e-3;
/** Rows of logits that scoring holds at once, in floats: 64 MiB. */
const SCORE_FLOATS = 2 ** 24;

export interface DecodeRequest {
  /** Not empty; together with `maxTokens` no longer than the context. */
  prompt: readonly number[];
  maxTokens: number;
  sampling: Pick<
    ResolvedGenerateOptions,
    "temperature" | "topP" | "topK" | "minP" | "repeatPenalty" | "seed"
  >;
  grammar: string | undefined;
  topLogprobs: number | undefined;
  signal: AbortSignal;
}

export interface DecodedToken {
  id: number;
  /** Where `topLogprobs` was asked for: of the model's own distribution, before grammar and temperature. */
  logprob?: number;
  top?: IdLogprob[];
}

export interface DecodeOutcome {
  reusedTokens: number;
  /** `end`: the model ended its turn; `length`: `maxTokens` are out; `stopped`: the listener or the signal said so. */
  reason: "end" | "length" | "stopped";
}

export interface TokenEngineOptions {
  /** Of the model file, for errors. */
  path: string;
  /** The most tokens evaluated in one go: an abort waits for so many. */
  batchSize: number;
  vocabularySize: number;
}

export class TokenEngine implements PromptTokenizer {
  readonly bos: number | undefined;
  readonly prependsBos: boolean;
  readonly #model: NativeModel;
  readonly #options: TokenEngineOptions;
  readonly #sequence: KvSequence;
  readonly #raw: RawLogprobs;
  readonly #closing = new AbortController();
  #last: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(model: NativeModel, options: TokenEngineOptions) {
    this.#model = model;
    this.#options = options;
    this.#sequence = new KvSequence(model.context);
    this.#raw = new RawLogprobs(model, options.path);
    this.bos = model.bos;
    this.prependsBos = model.prependsBos;
  }

  tokenize(text: string, special: boolean): Uint32Array {
    this.#refuseClosed();
    return this.#model.tokenize(text, special);
  }

  /** Tokens evaluated so far by all requests: for tests and measurements. */
  get evaluatedTokens(): number {
    return this.#sequence.evaluated;
  }

  /** Calls `onToken` for each token, never for one that ends the turn; `false` from it stops the generation. */
  decode(request: DecodeRequest, onToken: (token: DecodedToken) => boolean): Promise<DecodeOutcome> {
    return this.#inTurn(request.signal, { reusedTokens: 0, reason: "stopped" }, async (signal) => {
      const sampler = this.#model.createSampler(samplerConfig(request.sampling), request.grammar);
      try {
        return await this.#generate(request, sampler, signal, onToken);
      } finally {
        sampler.dispose();
      }
    });
  }

  /** Log-probabilities of each token of `completion` after `prompt`, which is not empty. */
  async score(
    prompt: readonly number[],
    completion: readonly number[],
    aborted: AbortSignal,
  ): Promise<number[]> {
    const scores = await this.#inTurn(aborted, undefined, (signal) =>
      this.#score(prompt, completion, signal),
    );
    if (scores) return scores;
    this.#refuseClosed();
    throw aborted.reason;
  }

  /** Stops what is running and frees everything; more than once is the same as once. */
  close(): Promise<void> {
    this.#closing.abort();
    this.#closed ??= this.#last.then(async () => {
      this.#raw.dispose();
      await this.#model.dispose();
    });
    return this.#closed;
  }

  async #generate(
    request: DecodeRequest,
    sampler: NativeSampler,
    signal: AbortSignal,
    onToken: (token: DecodedToken) => boolean,
  ): Promise<DecodeOutcome> {
    const { prompt, maxTokens, topLogprobs } = request;
    const reusedTokens = this.#sequence.keepPrefix(prompt, prompt.length - 1);
    let index = await this.#prefill(prompt, reusedTokens, signal);
    if (index === undefined) return { reusedTokens, reason: "stopped" };
    // Damaged weights show here, before a sampler has to sort what cannot be sorted.
    await this.#raw.read(index, []);
    for (let count = 1; ; count++) {
      const id: number = await this.#model.context.sampleToken(index, sampler);
      if (id < 0) throw new VikhrError("no token is left to choose from: the grammar allows none");
      if (this.#model.endsGeneration(id)) return { reusedTokens, reason: "end" };
      const token = topLogprobs === undefined ? { id } : await this.#describe(index, id, topLogprobs);
      if (signal.aborted || !onToken(token)) return { reusedTokens, reason: "stopped" };
      if (count === maxTokens) return { reusedTokens, reason: "length" };
      index = (await this.#sequence.evaluate([id], [0]))[0]!;
    }
  }

  async #describe(index: number, id: number, topLogprobs: number): Promise<DecodedToken> {
    const position = await this.#raw.read(index, [id]);
    return { id, logprob: position.logprob(id), top: await this.#raw.top(index, position, topLogprobs) };
  }

  /** Evaluates `prompt` from `start`; returns where to sample, or nothing when aborted. */
  async #prefill(prompt: readonly number[], start: number, signal: AbortSignal): Promise<number | undefined> {
    const { batchSize } = this.#options;
    for (let from = start; ; from += batchSize) {
      if (signal.aborted) return undefined;
      const chunk = prompt.slice(from, from + batchSize);
      const isLast = from + batchSize >= prompt.length;
      const outputs = await this.#sequence.evaluate(chunk, isLast ? [chunk.length - 1] : []);
      if (isLast) return signal.aborted ? undefined : outputs[0];
    }
  }

  async #score(
    prompt: readonly number[],
    completion: readonly number[],
    signal: AbortSignal,
  ): Promise<number[] | undefined> {
    const all = [...prompt, ...completion];
    const scores: number[] = [];
    const { batchSize, vocabularySize } = this.#options;
    const rows = Math.max(1, Math.min(batchSize, Math.floor(SCORE_FLOATS / vocabularySize)));
    const reused = this.#sequence.keepPrefix(all, prompt.length - 1);
    // The last token predicts nothing that is asked for.
    for (let from = reused; from < all.length - 1; ) {
      if (signal.aborted) return undefined;
      // Positions before the completion need no logits, and so go by the batch.
      const beforeOutputs = prompt.length - 1 - from;
      const size = beforeOutputs > 0 ? Math.min(beforeOutputs, batchSize) : rows;
      const chunk = all.slice(from, Math.min(from + size, all.length - 1));
      const outputs = beforeOutputs > 0 ? [] : chunk.map((_, i) => i);
      const indexes = await this.#sequence.evaluate(chunk, outputs);
      for (const [i, place] of outputs.entries()) {
        const next = all[from + place + 1]!;
        scores.push((await this.#raw.read(indexes[i]!, [next])).logprob(next));
      }
      from += chunk.length;
    }
    return scores;
  }

  /** Runs `work` after all that came before; `ifAborted` where its signal, or our end, came first. */
  async #inTurn<T>(
    aborted: AbortSignal,
    ifAborted: T,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    this.#refuseClosed();
    const stop = new LinkedAbort(aborted, this.#closing.signal);
    const before = this.#last;
    let done: () => void = () => {};
    const finished = new Promise<void>((resolve) => {
      done = resolve;
    });
    // Our turn ends when we have finished, but not before the turns ahead of us have.
    this.#last = before.then(() => finished);
    try {
      await settledOrAborted(before, stop.signal);
      return stop.signal.aborted ? ifAborted : await work(stop.signal);
    } finally {
      stop.end();
      done();
    }
  }

  #refuseClosed(): void {
    if (this.#closing.signal.aborted) throw new VikhrError("the model is closed");
  }
}

function samplerConfig(sampling: DecodeRequest["sampling"]): SamplerConfig {
  const { temperature, topP, topK, minP, repeatPenalty, seed } = sampling;
  return {
    temperature: temperature < LEAST_TEMPERATURE ? 0 : temperature,
    seed,
    ...(topK > 0 ? { topK } : {}),
    ...(topP < 1 ? { topP } : {}),
    ...(minP > 0 ? { minP } : {}),
    ...(repeatPenalty !== 1
      ? { repeatPenalty, repeatPenaltyMaxTokens: REPEAT_WINDOW, repeatPenaltyTokens: new Uint32Array(0) }
      : {}),
  };
}

function settledOrAborted(before: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      signal.removeEventListener("abort", settle);
      resolve();
    };
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", settle);
    before.then(settle);
  });
}
