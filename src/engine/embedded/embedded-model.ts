/**
 * The message level of the embedded engine: spec's LanguageModel over a TokenEngine. Renders and tokenizes prompts,
 * turns tokens into whole characters, watches for stop strings.
 */
import { ContextOverflowError, InputError } from "../../errors.ts";
import type {
  FinishReason,
  GenerateChunk,
  GeneratedToken,
  GenerateOptions,
  LanguageModel,
  Prompt,
  TokenLogprob,
} from "../../spec/language-model.ts";
import type { Segment } from "../../spec/message.ts";
import { AsyncQueue } from "../async-queue.ts";
import { type ResolvedGenerateOptions, resolveGenerateOptions } from "../generate-options.ts";
import { LinkedAbort } from "../linked-abort.ts";
import { TextAssembler } from "../text-assembler.ts";
import type { IdLogprob } from "./logprobs.ts";
import { promptTokens, segmentTokens } from "./prompt-tokens.ts";
import type { TokenBytes } from "./token-bytes.ts";
import type { DecodeOutcome, DecodeRequest, TokenEngine } from "./token-engine.ts";

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

  async score(
    prompt: Prompt,
    completion: string,
    options: { signal?: AbortSignal } = {},
  ): Promise<TokenLogprob[]> {
    const { engine } = this.#parts;
    const signal = options.signal ?? new AbortController().signal;
    signal.throwIfAborted();
    const ids = await this.#promptIds(prompt, 0);
    const segments: Segment[] = [{ kind: "text", text: completion }];
    const completionIds = await segmentTokens(segments, engine, this.contextSize);
    const total = ids.length + completionIds.length;
    if (total > this.contextSize) throw new ContextOverflowError(total, this.contextSize);
    const logprobs = await engine.score(ids, completionIds, signal);
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
    const { engine, bytesOf } = this.#parts;
    const { topLogprobs } = settings;
    const assembler = new TextAssembler<GeneratedToken | undefined>(settings.stop);
    let completionTokens = 0;
    let foundStop = false;
    const room = this.contextSize - prompt.length;
    const request: DecodeRequest = {
      prompt,
      maxTokens: Math.min(settings.maxTokens ?? room, room),
      sampling: settings,
      grammar: settings.grammar,
      topLogprobs,
      signal,
    };
    try {
      const outcome = await engine.decode(request, ({ id, logprob, top }) => {
        completionTokens++;
        const token =
          logprob === undefined
            ? undefined
            : { ...this.#named({ id, logprob }), top: (top ?? []).map((t) => this.#named(t)) };
        const { text, tokens, stopped } = assembler.push(bytesOf(id), token);
        foundStop = stopped;
        if (text !== "" || tokens.length > 0) chunks.push({ text, tokens: present(tokens) });
        return !stopped;
      });
      const { text, tokens } = assembler.finish();
      chunks.push({
        text,
        tokens: present(tokens),
        finishReason: finishReason(outcome, foundStop),
        usage: { promptTokens: prompt.length, completionTokens, reusedTokens: outcome.reusedTokens },
      });
      chunks.close();
    } catch (error) {
      chunks.fail(error);
    }
  }

  async #promptIds(prompt: Prompt, room: number): Promise<number[]> {
    const ids = await promptTokens(this.#parts.render(prompt), this.#parts.engine, this.contextSize);
    if (ids.length === 0) throw new InputError("the prompt is empty: give at least one token");
    if (ids.length + room > this.contextSize) throw new ContextOverflowError(ids.length, this.contextSize);
    return ids;
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

function finishReason(outcome: DecodeOutcome, foundStop: boolean): FinishReason {
  if (outcome.reason === "length") return "length";
  return outcome.reason === "end" || foundStop ? "stop" : "aborted";
}
