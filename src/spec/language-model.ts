/** What every engine offers, embedded or remote: a prompt in, text and log-probabilities out. */
import type { Message, Segment } from "./message.ts";

/** Either messages, rendered by the model's own chat template, or an already rendered prompt. */
export type Prompt = { messages: readonly Message[] } | { segments: readonly Segment[] };

export interface GenerateOptions {
  /** Upper bound on generated tokens. Default: what is left of the context. */
  maxTokens?: number;
  /** 0 is greedy. Default 0.3, the middle of what the model card recommends. */
  temperature?: number;
  /** Nucleus: the smallest set of tokens with this much probability, in (0, 1]. Default 1 (off). */
  topP?: number;
  /** Keep this many most likely tokens; 0 is off. Default 0. */
  topK?: number;
  /** Drop tokens less likely than this fraction of the most likely one, in [0, 1). Default 0 (off). */
  minP?: number;
  /** Divides the logits of recent tokens; 1 is off. Default 1. */
  repeatPenalty?: number;
  /** Same seed, prompt and options: same text on the same machine. Default: drawn at random. */
  seed?: number;
  /** Generation ends before any of these strings; they are not part of the text. */
  stop?: readonly string[];
  /** GBNF grammar with the rule `root`. */
  grammar?: string;
  /** How many alternatives to report for each token, most likely first, before any grammar. Default: no log-probabilities. */
  topLogprobs?: number;
  /** Looks for the likeliest text instead of drawing one: temperature and the cuts do not apply. Embedded models only. */
  beamSearch?: BeamSearchOptions;
  /** LoRA adapters by name, with their scales; those not named are left out. Default: as at load. Embedded models only. */
  adapters?: Readonly<Record<string, number>>;
  signal?: AbortSignal;
}

export type ScoreOptions = Pick<GenerateOptions, "adapters" | "signal">;

export interface BeamSearchOptions {
  /** Texts that are kept under way, from 1 to 16; 4 is usual. */
  beams: number;
  /** Texts are compared by the sum of their log-probabilities over length ** penalty. Default 1: the mean. */
  lengthPenalty?: number;
  /**
   * Ends with as many finished texts as beams. Default false: goes on while a text under way has a better score, by its length
   * so far, than the worst of them. What would become better by growing (a penalty above 0) may be missed.
   */
  earlyStopping?: boolean;
}

/** One text that a beam search found. */
export interface Alternative {
  text: string;
  /** The tokens behind `text`, where `topLogprobs` was asked for. */
  tokens: GeneratedToken[];
  finishReason: FinishReason;
  /** The sum over its tokens, natural logarithm. */
  logprob: number;
  /** `logprob` over length ** penalty. */
  score: number;
}

/** One token with natural-log probability under the model's unmodified distribution (temperature 1, no grammar). */
export interface TokenLogprob {
  text: string;
  logprob: number;
}

export interface GeneratedToken extends TokenLogprob {
  /** The most likely alternatives, including the token itself if it is among them. */
  top: TokenLogprob[];
}

export interface Usage {
  promptTokens: number;
  completionTokens: number;
  /** Prompt tokens that were found in the KV cache and not evaluated again; 0 where a server does not say. */
  reusedTokens: number;
}

export type FinishReason = "stop" | "length" | "aborted";

/** A piece of a stream. Text is whole characters; the last piece, and only that one, has `finishReason` and `usage`. */
export interface GenerateChunk {
  text: string;
  /** The tokens behind `text`, where `topLogprobs` was asked for; a character split over tokens comes with its last one. */
  tokens: GeneratedToken[];
  finishReason?: FinishReason;
  usage?: Usage;
  /** Of a beam search, with the last piece: all that it found, best first, as many as there were beams. */
  alternatives?: Alternative[];
}

export interface LanguageModel {
  /** Short name for people and logs: `nano`, `vikhr-8b`, a file name, a remote model id. */
  readonly name: string;
  /** Tokens that a prompt and its completion may take together. */
  readonly contextSize: number;
  /** One request more would be refused with `OverloadedError`; undefined where that is not known before. */
  readonly isFull?: boolean;
  /**
   * Streams one completion. Throws `ContextOverflowError` before evaluating anything where the prompt does not
   * fit. Breaking out of the loop, or `signal`, stops the model within one token.
   */
  generate(prompt: Prompt, options?: GenerateOptions): AsyncIterable<GenerateChunk>;
  /** Per-token log-probabilities of `completion` after `prompt`, in order. */
  score(prompt: Prompt, completion: string, options?: ScoreOptions): Promise<TokenLogprob[]>;
  close(): Promise<void>;
}
