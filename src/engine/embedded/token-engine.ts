/**
 * The token level: ids in, ids and log-probabilities out, for many callers at once. Knows no text, messages or stop
 * strings.
 */
import { InputError, VikhrError } from "../../errors.ts";
import { LinkedAbort } from "../linked-abort.ts";
import { adapterScales, type LoadedAdapter, scaleNumbers } from "./adapters.ts";
import type { NativeModel } from "./bindings.ts";
import {
  type BeamOptions,
  BeamSearch,
  type BeamSearchParts,
  type Hypothesis,
  NO_TOKEN,
} from "./decoding/beam-search.ts";
import { Grammar } from "./decoding/grammar.ts";
import type { Job, Output } from "./decoding/job.ts";
import { areFinite, type IdLogprob, logOfSum, mostLikely } from "./decoding/logprobs.ts";
import { Sampler, type Sampling } from "./decoding/sampler.ts";
import { Scheduler } from "./decoding/scheduler.ts";
import { rememberedIn, Sequences } from "./decoding/sequences.ts";
import type { ThreadChoice } from "./decoding/thread-choice.ts";
import type { Candidates } from "./llama.ts";
import type { PromptTokenizer } from "./prompt-tokens.ts";

export interface DecodeRequest {
  /** Not empty; together with `maxTokens` no longer than the context. */
  prompt: readonly number[];
  maxTokens: number;
  sampling: Sampling;
  grammar: string | undefined;
  topLogprobs: number | undefined;
  signal: AbortSignal;
  /** By name; those not named are 0. Default: as at load. */
  adapters?: Readonly<Record<string, number>> | undefined;
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

export interface BeamOutcome {
  reusedTokens: number;
  /** Best first; none where the signal or we ended the search before it was over. */
  hypotheses: Hypothesis[];
}

export interface TokenEngineOptions {
  /** Of the model file, for errors. */
  path: string;
  /** In tokens, of all requests together. */
  contextSize: number;
  batchSize: number;
  smallBatch: number;
  mixedBatch: number;
  outputs: number;
  parallel: number;
  /** As `SequencesOptions` names it. */
  keepsCells: boolean;
  threads: ThreadChoice;
  /** In the order in which the model has loaded them. Default: none. */
  adapters?: readonly LoadedAdapter[];
}

/** For each lane that runs one more that remembers. */
export const sequencesFor = (parallel: number) => 2 * parallel;

/** Log-probabilities of a long text are read in pieces: logits of a whole batch would take 260 MB of Llama 3. */
export const outputsFor = (parallel: number) => Math.max(64, sequencesFor(parallel));

export class TokenEngine implements PromptTokenizer {
  readonly bos: number | undefined;
  readonly prependsBos: boolean;
  readonly #model: NativeModel;
  readonly #path: string;
  readonly #parallel: number;
  readonly #adapters: readonly LoadedAdapter[];
  readonly #scheduler: Scheduler;
  readonly #candidates: Candidates;
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(model: NativeModel, options: TokenEngineOptions) {
    const { llama, context, vocabularySize, isRecurrent } = model;
    this.#model = model;
    this.#path = options.path;
    this.#parallel = options.parallel;
    this.#adapters = options.adapters ?? [];
    this.#candidates = llama.newCandidates(vocabularySize);
    const sequences = new Sequences(llama, context, sequencesFor(options.parallel), {
      canRewind: !isRecurrent,
      remembered: rememberedIn(options.contextSize),
      keepsCells: options.keepsCells,
    });
    this.#scheduler = new Scheduler(llama, context, sequences, {
      ...options,
      outputSize: vocabularySize,
      setAdapters: (scales) => llama.setAdapters(context, model.adapters, scaleNumbers(scales)),
    });
    this.bos = model.bos;
    this.prependsBos = model.prependsBos;
  }

  tokenize(text: string, special: boolean): Int32Array {
    this.#refuseClosed();
    return this.#model.tokenize(text, special);
  }

  /** One request more would be refused with `OverloadedError`. */
  get isFull(): boolean {
    return this.#scheduler.isFull;
  }

  /** Tokens evaluated so far by all requests: for tests and measurements. */
  get evaluatedTokens(): number {
    return this.#scheduler.evaluated;
  }

  /** Calls `onToken` for each token, never for one that ends the turn; `false` from it stops the generation. */
  async decode(request: DecodeRequest, onToken: (token: DecodedToken) => boolean): Promise<DecodeOutcome> {
    this.#refuseClosed();
    const { sampling, prompt, topLogprobs, maxTokens } = request;
    const adapters = adapterScales(this.#adapters, request.adapters);
    if (request.signal.aborted) return { reusedTokens: 0, reason: "stopped" };
    const sampler = new Sampler(this.#model.llama, this.#candidates, sampling, this.#grammar(request));
    let reason: DecodeOutcome["reason"] = "stopped";
    let count = 0;
    try {
      const reusedTokens = await this.#advancing(
        { prompt, adapters, signal: request.signal },
        [],
        ([output]) => {
          const { lane, values: logits } = output!;
          // Damaged weights show here, before a sampler has to sort what cannot be sorted; those of an adapter later, too.
          if (count === 0 ? !areFinite(logits) : Number.isNaN(logits[0])) this.#sound(logits);
          const id = sampler.choose(logits);
          if (id === undefined) throw new VikhrError(NO_TOKEN);
          if (this.#model.endsGeneration(id)) {
            reason = "end";
            return true;
          }
          count++;
          if (!onToken(topLogprobs === undefined ? { id } : this.#describe(logits, id, topLogprobs)))
            return true;
          if (count === maxTokens) {
            reason = "length";
            return true;
          }
          lane.tokens.push(id);
          return false;
        },
      );
      return { reusedTokens, reason };
    } finally {
      sampler.dispose();
    }
  }

  /** Calls `onSettled` with what every text shares that can still win; a text ends with a token that `completesStop`. */
  async beamSearch(
    request: Pick<DecodeRequest, "prompt" | "grammar" | "signal" | "adapters">,
    options: BeamOptions,
    { completesStop, onSettled }: Pick<BeamSearchParts, "completesStop" | "onSettled">,
  ): Promise<BeamOutcome> {
    this.#refuseClosed();
    if (options.beams > this.#parallel)
      throw new InputError(
        `beams are ${options.beams} and the model writes ${this.#parallel} texts at once: take fewer`,
      );
    const { prompt } = request;
    const adapters = adapterScales(this.#adapters, request.adapters);
    if (request.signal.aborted) return { reusedTokens: 0, hypotheses: [] };
    let search: BeamSearch | undefined;
    try {
      await this.#run(request.signal, (signal) => {
        search = new BeamSearch({
          prompt,
          options,
          grammar: this.#grammar(request),
          candidates: this.#candidates,
          signal,
          adapters,
          endsGeneration: (token) => this.#model.endsGeneration(token),
          completesStop,
          onSettled,
          check: (logits) => this.#sound(logits),
        });
        return search;
      });
    } catch (error) {
      if (!search?.endForWantOfRoom(error)) throw error;
    } finally {
      search?.dispose();
    }
    return { reusedTokens: search!.reused, hypotheses: search!.isOver ? search!.finished : [] };
  }

  /** Log-probabilities of each token of `completion` after `prompt`, which is not empty. */
  async score(
    prompt: readonly number[],
    completion: readonly number[],
    aborted: AbortSignal,
    asked?: DecodeRequest["adapters"],
  ): Promise<number[]> {
    this.#refuseClosed();
    const adapters = adapterScales(this.#adapters, asked);
    aborted.throwIfAborted();
    const scores: number[] = [];
    if (completion.length === 0) return scores;
    // The last token predicts nothing that is asked for.
    const given = completion.slice(0, -1);
    await this.#advancing({ prompt, adapters, signal: aborted }, given, (outputs) => {
      for (const { values: logits, position } of outputs) {
        const next = completion[position + 1 - prompt.length]!;
        scores.push(logits[next]! - this.#sound(logits));
      }
      return scores.length === completion.length;
    });
    if (scores.length === completion.length) return scores;
    this.#refuseClosed();
    throw aborted.reason;
  }

  /** Stops what is running and frees everything; more than once is the same as once. */
  close(): Promise<void> {
    this.#closing.abort();
    this.#closed ??= this.#scheduler.idle().then(() => {
      this.#scheduler.dispose();
      this.#model.dispose();
    });
    return this.#closed;
  }

  /** Runs to its end, or the signal's or ours; returns how many tokens of the prompt were found evaluated. */
  #advancing(
    { prompt, adapters, signal: aborted }: Pick<Job, "adapters" | "signal"> & Pick<DecodeRequest, "prompt">,
    given: readonly number[],
    advance: (outputs: readonly Output[]) => boolean,
  ): Promise<number> {
    const lane = { tokens: [...prompt, ...given], outputsFrom: prompt.length - 1, sequence: undefined };
    return this.#run(aborted, (signal) => ({
      signal,
      adapters,
      width: 1,
      lanes: [lane],
      reused: 0,
      advance,
      end: () => {},
    }));
  }

  async #run(aborted: AbortSignal, start: (signal: AbortSignal) => Job): Promise<number> {
    const stop = new LinkedAbort(aborted, this.#closing.signal);
    try {
      const job = start(stop.signal);
      await new Promise<void>((resolve, reject) => {
        job.end = (error) => (error === undefined ? resolve() : reject(error));
        this.#scheduler.add(job);
      });
      return job.reused;
    } finally {
      stop.end();
    }
  }

  #grammar({ grammar }: Pick<DecodeRequest, "grammar">): Grammar | undefined {
    const { llama, vocabulary } = this.#model;
    return grammar === undefined ? undefined : Grammar.start(llama, vocabulary, grammar);
  }

  #describe(logits: Float32Array, id: number, count: number): DecodedToken {
    const total = logOfSum(logits);
    return { id, logprob: logits[id]! - total, top: mostLikely(logits, count, total) };
  }

  /** `logOfSum`, or an error. */
  #sound(logits: Float32Array): number {
    const total = logOfSum(logits);
    if (Number.isFinite(total)) return total;
    throw new InputError(
      `${this.#path}: its probabilities are not finite: the weights are damaged, fetch or export it again${this.#adapters.length > 0 ? "; or an adapter is, or its scale is too large" : ""}`,
    );
  }

  #refuseClosed(): void {
    if (this.#closing.signal.aborted) throw new VikhrError("the model is closed");
  }
}
