/**
 * Token ids in, one vector a text out, for many callers at once: the texts of all of them share batches. Knows no
 * roles, templates or heads.
 */
import { VikhrError } from "../../../errors.ts";
import { LinkedAbort } from "../../linked-abort.ts";
import type { NativeEmbedder } from "../bindings.ts";
import type { Output } from "../decoding/job.ts";
import { Scheduler } from "../decoding/scheduler.ts";
import { rememberedIn, Sequences } from "../decoding/sequences.ts";
import type { ThreadChoice } from "../decoding/thread-choice.ts";
import type { PromptTokenizer } from "../prompt-tokens.ts";
import type { Pooling } from "./embedding-header.ts";

export interface PooledEngineOptions {
  /** Of the model, for errors. */
  name: string;
  /** In tokens: the most that a text has. */
  contextSize: number;
  /** Tokens evaluated at once. */
  batchSize: number;
  /** How the states of a text's tokens become one. */
  pooling: Pooling;
  /** Tokens see only those before them: a text can be evaluated in pieces. */
  isCausal: boolean;
  /** Texts begin alike: what they share is evaluated once. Only where the last token of a causal model counts. */
  reuses: boolean;
  /** Texts that are evaluated at the same time. */
  parallel: number;
  /** More texts that wait are refused. */
  maxWaiting?: number;
  /** As `SequencesOptions` names it. Default false. */
  keepsCells?: boolean;
  threads: ThreadChoice;
}

/** For each text that is evaluated one more that is remembered, where that is of use. */
export const pooledSequences = ({ parallel, reuses }: Pick<PooledEngineOptions, "parallel" | "reuses">) =>
  reuses ? 2 * parallel : parallel;

export class PooledEngine implements PromptTokenizer {
  readonly options: PooledEngineOptions;
  /** Length of a state. */
  readonly dimension: number;
  readonly bos: number | undefined;
  readonly prependsBos: boolean;
  /** Tokens that the model wants before and after each text. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  readonly #model: NativeEmbedder;
  readonly #scheduler: Scheduler;
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(model: NativeEmbedder, options: PooledEngineOptions) {
    const { llama, context, dimension, isRecurrent } = model;
    this.options = options;
    this.dimension = dimension;
    this.bos = model.bos;
    this.prependsBos = model.prependsBos;
    this.first = model.first;
    this.last = model.last;
    this.#model = model;
    // An encoder has no memory: llama.cpp's functions take none for nothing to be done.
    const sequences = new Sequences(llama, context, pooledSequences(options), {
      canRewind: !isRecurrent,
      remembered: options.reuses ? rememberedIn(options.contextSize) : 0,
      keepsCells: options.keepsCells ?? false,
    });
    this.#scheduler = new Scheduler(llama, context, sequences, {
      ...options,
      outputSize: dimension,
      givesStates: true,
      wholeSize: options.isCausal ? undefined : options.contextSize,
    });
  }

  /** Tokens evaluated so far, and in how many batches: for tests and measurements. */
  get evaluated(): { tokens: number; batches: number } {
    const { evaluated, batches } = this.#scheduler;
    return { tokens: evaluated, batches };
  }

  tokenize(text: string, special: boolean): Int32Array {
    this.#closing.signal.throwIfAborted();
    return this.#model.tokenize(text, special);
  }

  /** Gives `use` a signal that aborts with the given one, when the model is closed, and when `use` is over. */
  async during<T>(signal: AbortSignal | undefined, use: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const stop = new LinkedAbort(signal, this.#closing.signal);
    try {
      stop.signal.throwIfAborted();
      return await use(stop.signal);
    } finally {
      stop.end();
    }
  }

  /** Not scaled; zeros of no tokens. `signal`: one of `during`; the caller waits no longer than that. */
  async pool(tokens: readonly number[], signal: AbortSignal): Promise<Float64Array> {
    const { pooling, reuses } = this.options;
    signal.throwIfAborted();
    const pooled = new Float64Array(this.dimension);
    if (tokens.length === 0) return pooled;
    const end = tokens.length - 1;
    const advance = (outputs: readonly Output[]) => {
      for (const { position, values } of outputs) {
        if (pooling === "mean")
          for (let i = 0; i < pooled.length; i++) pooled[i]! += values[i]! / tokens.length;
        else if (position === (pooling === "first" ? 0 : end)) pooled.set(values);
      }
      return outputs.at(-1)!.position === end;
    };
    const outputsFrom = reuses ? end : 0;
    const lanes = [{ tokens: [...tokens], outputsFrom, sequence: undefined }];
    const stop = new LinkedAbort(signal);
    try {
      await new Promise<void>((resolve, reject) => {
        stop.signal.addEventListener("abort", () => reject(stop.signal.reason), { once: true });
        const over = (error?: unknown) => (error === undefined ? resolve() : reject(error));
        this.#scheduler.add({ signal: stop.signal, width: 1, lanes, reused: 0, advance, end: over });
      });
    } finally {
      stop.end();
    }
    return pooled;
  }

  /** Stops what is running and frees everything; more than once is the same as once. */
  close(): Promise<void> {
    this.#closing.abort(new VikhrError(`the model '${this.options.name}' is closed`));
    this.#closed ??= this.#scheduler.idle().then(() => {
      this.#scheduler.dispose();
      this.#model.dispose();
    });
    return this.#closed;
  }
}
