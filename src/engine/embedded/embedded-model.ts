/**
 * The message level of the embedded engine: spec's LanguageModel over a TokenEngine. Renders and tokenizes prompts,
 * turns tokens into whole characters, watches for stop strings.
 */
import { ContextOverflowError, InputError } from "../../errors.ts";
import type {
  Alternative,
  FinishReason,
  GenerateChunk,
  GeneratedToken,
  GenerateOptions,
  LanguageModel,
  Prompt,
  ScoreOptions,
  TokenLogprob,
} from "../../spec/language-model.ts";
import type { Segment } from "../../spec/message.ts";
import { AsyncQueue } from "../async-queue.ts";
import {
  type ResolvedGenerateOptions,
  resolveAdapters,
  resolveGenerateOptions,
} from "../generate-options.ts";
import { LinkedAbort } from "../linked-abort.ts";
import { TextAssembler } from "../text-assembler.ts";
import { completesStop, textOf } from "./beam-texts.ts";
import type { Hypothesis } from "./decoding/beam-search.ts";
import type { IdLogprob } from "./decoding/logprobs.ts";
import { promptTokens, segmentTokens } from "./prompt-tokens.ts";
import type { TokenBytes } from "./token-bytes.ts";
import type { DecodedToken, DecodeOutcome, TokenEngine } from "./token-engine.ts";

export interface EmbeddedModelParts {
  name: string;
  contextSize: number;
  engine: TokenEngine;
  /** Spellings by id, control tokens included. */
  tokens: readonly string[];
  bytesOf: TokenBytes;
  /** Renders messages up to where the model's turn begins. */
  render: (prompt: Prompt) => readonly Segment[];
}

/** How a generation ended, and what it took. */
interface Produced extends DecodeOutcome {
  completionTokens: number;
  alternatives?: Alternative[];
}

const lossyUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

export class EmbeddedModel implements LanguageModel {
  readonly name: string;
  readonly contextSize: number;
  readonly #parts: EmbeddedModelParts;

  constructor(parts: EmbeddedModelParts) {
    this.name = parts.name;
    this.contextSize = parts.contextSize;
    this.#parts = parts;
  }

  get isFull(): boolean {
    return this.#parts.engine.isFull;
  }

  /** Runs ahead of a slow consumer, so that one who waits for another answer in the loop cannot wait for ever. */
  async *generate(
    prompt: Prompt,
    options: GenerateOptions = {},
  ): AsyncGenerator<GenerateChunk, void, undefined> {
    const settings = resolveGenerateOptions(options);
    const ids = await this.#promptIds(prompt, 1);
    const stop = new LinkedAbort(settings.signal);
    const chunks = new AsyncQueue<GenerateChunk>();
    const running = this.#run(ids, settings, stop.signal, chunks);
    try {
      yield* chunks;
    } finally {
      stop.end();
      await running;
    }
  }

  async score(prompt: Prompt, completion: string, options: ScoreOptions = {}): Promise<TokenLogprob[]> {
    const { engine } = this.#parts;
    const signal = options.signal ?? new AbortController().signal;
    signal.throwIfAborted();
    const ids = await this.#promptIds(prompt, 0);
    const segments: Segment[] = [{ kind: "text", text: completion }];
    const completionIds = await segmentTokens(segments, engine, this.contextSize);
    const total = ids.length + completionIds.length;
    if (total > this.contextSize) throw new ContextOverflowError(total, this.contextSize);
    const logprobs = await engine.score(ids, completionIds, signal, resolveAdapters(options));
    return completionIds.map((id, i) => this.#named({ id, logprob: logprobs[i]! }));
  }

  close(): Promise<void> {
    return this.#parts.engine.close();
  }

  /** Feeds `chunks` until the end, whatever happens; never rejects. */
  async #run(
    prompt: readonly number[],
    settings: ResolvedGenerateOptions,
    signal: AbortSignal,
    chunks: AsyncQueue<GenerateChunk>,
  ): Promise<void> {
    const assembler = new TextAssembler<GeneratedToken | undefined>(settings.stop);
    let foundStop = false;
    const onToken = (one: DecodedToken) => {
      const token = this.#described(one, settings);
      const { text, tokens, stopped } = assembler.push(this.#parts.bytesOf(one.id), token);
      foundStop ||= stopped;
      if (text !== "" || tokens.length > 0) chunks.push({ text, tokens: present(tokens) });
      return !stopped;
    };
    try {
      const produce = settings.beamSearch ? this.#searchBeams : this.#sample;
      const produced = await produce.call(this, prompt, settings, signal, onToken);
      const { text, tokens } = assembler.finish();
      const { completionTokens, reusedTokens, alternatives } = produced;
      chunks.push({
        text,
        tokens: present(tokens),
        finishReason: finishReason(produced.reason, foundStop),
        usage: { promptTokens: prompt.length, completionTokens, reusedTokens },
        ...(alternatives && { alternatives }),
      });
      chunks.close();
    } catch (error) {
      chunks.fail(error);
    }
  }

  async #sample(
    prompt: readonly number[],
    settings: ResolvedGenerateOptions,
    signal: AbortSignal,
    onToken: (token: DecodedToken) => boolean,
  ): Promise<Produced> {
    let completionTokens = 0;
    const { grammar, topLogprobs, adapters } = settings;
    const maxTokens = this.#room(prompt, settings);
    const request = { prompt, maxTokens, sampling: settings, grammar, topLogprobs, signal, adapters };
    const outcome = await this.#parts.engine.decode(request, (token) => {
      completionTokens++;
      return onToken(token);
    });
    return { ...outcome, completionTokens };
  }

  async #searchBeams(
    prompt: readonly number[],
    settings: ResolvedGenerateOptions,
    signal: AbortSignal,
    onToken: (token: DecodedToken) => boolean,
  ): Promise<Produced> {
    const options = { ...settings.beamSearch!, maxTokens: this.#room(prompt, settings) };
    const request = { prompt, grammar: settings.grammar, signal, adapters: settings.adapters };
    let completionTokens = 0;
    const { reusedTokens, hypotheses } = await this.#parts.engine.beamSearch(request, options, {
      completesStop: (tokens, next) => completesStop(tokens, next, settings.stop, this.#parts.bytesOf),
      onSettled: (ids, logprobs) => {
        completionTokens += ids.length;
        for (const [i, id] of ids.entries()) onToken({ id, logprob: logprobs[i]! });
      },
    });
    const [best] = hypotheses;
    const reason = best ? (best.isEnded ? "end" : "length") : "stopped";
    const alternatives = hypotheses.map((one) => this.#alternative(one, settings));
    return { reusedTokens, reason, completionTokens, alternatives };
  }

  #alternative(
    { tokens: ids, logprobs, ...found }: Hypothesis,
    settings: ResolvedGenerateOptions,
  ): Alternative {
    const described = ids.map((id, i) => this.#described({ id, logprob: logprobs[i]! }, settings));
    const { text, tokens } = textOf(ids, described, settings.stop, this.#parts.bytesOf);
    const { logprob, score } = found;
    return { text, tokens: present(tokens), finishReason: found.isEnded ? "stop" : "length", logprob, score };
  }

  #room(prompt: readonly number[], { maxTokens }: ResolvedGenerateOptions): number {
    const room = this.contextSize - prompt.length;
    return Math.min(maxTokens ?? room, room);
  }

  async #promptIds(prompt: Prompt, room: number): Promise<number[]> {
    const ids = await promptTokens(this.#parts.render(prompt), this.#parts.engine, this.contextSize);
    if (ids.length === 0) throw new InputError("the prompt is empty: give at least one token");
    if (ids.length + room > this.contextSize) throw new ContextOverflowError(ids.length, this.contextSize);
    return ids;
  }

  /** Where that was asked for. */
  #described(
    { id, logprob, top = [] }: DecodedToken,
    { topLogprobs }: ResolvedGenerateOptions,
  ): GeneratedToken | undefined {
    if (logprob === undefined || topLogprobs === undefined) return undefined;
    return { ...this.#named({ id, logprob }), top: top.map((one) => this.#named(one)) };
  }

  /** A token with its text; one without text, such as the end of a turn, with its spelling. */
  #named({ id, logprob }: IdLogprob): TokenLogprob {
    const bytes = this.#parts.bytesOf(id);
    return { text: bytes.length > 0 ? lossyUtf8.decode(bytes) : (this.#parts.tokens[id] ?? ""), logprob };
  }
}

function present(tokens: readonly (GeneratedToken | undefined)[]): GeneratedToken[] {
  return tokens.filter((token) => token !== undefined);
}

function finishReason(reason: DecodeOutcome["reason"], foundStop: boolean): FinishReason {
  if (foundStop || reason === "end") return "stop";
  return reason === "length" ? "length" : "aborted";
}
