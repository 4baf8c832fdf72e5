/**
 * spec's LanguageModel over an OpenAI-compatible server. Renders prompts here and sends text (or, to llama-server,
 * token ids) to /completions; or hands messages to /chat/completions where the server is known to render them well.
 */
import { ContextOverflowError, InputError, VikhrError } from "../../errors.ts";
import type {
  FinishReason,
  GenerateChunk,
  GeneratedToken,
  GenerateOptions,
  LanguageModel,
  Prompt,
  ScoreOptions,
  TokenLogprob,
  Usage,
} from "../../spec/language-model.ts";
import type { Segment } from "../../spec/message.ts";
import { type ResolvedGenerateOptions, resolveGenerateOptions } from "../generate-options.ts";
import { LinkedAbort } from "../linked-abort.ts";
import { TextAssembler } from "../text-assembler.ts";
import type { HttpClient } from "./http-client.ts";
import { joinSegments } from "./neutralize-control-tokens.ts";
import { type Piece, readCompletion } from "./read-completion.ts";
import { chatBody, completionBody } from "./request-body.ts";
import { scoreByEcho } from "./score-by-echo.ts";
import { type ServerDialect, serverRoot } from "./server-facts.ts";
import { tokensSchema } from "./wire.ts";

export interface RemoteModelParts {
  name: string;
  baseUrl: string;
  modelId: string;
  contextSize: number;
  mode: "completions" | "chat";
  dialect: ServerDialect;
  client: HttpClient;
  /** Renders messages up to where the model's turn begins. */
  render: (prompt: Prompt) => readonly Segment[];
  /** Control tokens to be kept out of content, next to those of the known families. */
  spellings: readonly string[];
  /** In milliseconds, for `score`. */
  scoreTimeout: number;
}

interface Request {
  path: string;
  body: (settings: ResolvedGenerateOptions) => Record<string, unknown>;
}

const encoder = new TextEncoder();

export class RemoteModel implements LanguageModel {
  readonly name: string;
  readonly contextSize: number;
  readonly #parts: RemoteModelParts;
  readonly #closing = new AbortController();

  constructor(parts: RemoteModelParts) {
    this.name = parts.name;
    this.contextSize = parts.contextSize;
    this.#parts = parts;
  }

  async *generate(
    prompt: Prompt,
    options: GenerateOptions = {},
  ): AsyncGenerator<GenerateChunk, void, undefined> {
    const settings = resolveGenerateOptions(options);
    if (settings.beamSearch)
      throw new InputError(
        "a server has no beam search in its API: use a model on this machine, or no --beams",
      );
    refuseAdapters(settings);
    const stop = this.#stop(settings.signal);
    try {
      yield* this.#run(prompt, settings, stop.signal);
    } finally {
      stop.end();
    }
  }

  async *#run(
    prompt: Prompt,
    settings: ResolvedGenerateOptions,
    stop: AbortSignal,
  ): AsyncGenerator<GenerateChunk, void, undefined> {
    const assembler = new TextAssembler<GeneratedToken[]>(settings.stop);
    const counts: Usage = { promptTokens: 0, completionTokens: 0, reusedTokens: 0 };
    let finishReason: FinishReason | undefined;
    let held = "";
    try {
      for await (const piece of this.#pieces(prompt, settings, stop)) {
        count(counts, piece);
        if (piece.finishReason !== undefined) finishReason = toFinishReason(piece.finishReason);
        const whole = wholeCharacters(held + piece.text);
        held = whole.rest;
        if (whole.text === "" && piece.tokens.length === 0) continue;
        const { text, tokens, stopped } = assembler.push(encoder.encode(whole.text), piece.tokens);
        if (text !== "" || tokens.length > 0) yield { text, tokens: tokens.flat() };
        // A server that does not know stop strings goes on: it is left.
        if (stopped) finishReason = "stop";
        if (stopped) break;
      }
    } catch (error) {
      if (!stop.aborted) throw error;
      finishReason ??= "aborted";
    }
    const { text, tokens } = assembler.finish();
    yield { text, tokens: tokens.flat(), finishReason: finishReason ?? "stop", usage: counts };
  }

  async score(prompt: Prompt, completion: string, options: ScoreOptions = {}): Promise<TokenLogprob[]> {
    refuseAdapters(options);
    const { mode, dialect, client, modelId, spellings, scoreTimeout } = this.#parts;
    options.signal?.throwIfAborted();
    if (dialect === "llama.cpp" || (mode === "chat" && "messages" in prompt))
      throw new InputError(
        `${this.name}: log-probabilities of a given text need a server that echoes prompts with log-probabilities at /completions, such as vLLM: use one without chat mode, or the embedded engine`,
      );
    if (completion === "") return [];
    const segments: Segment[] = [...this.#parts.render(prompt)];
    const promptText = joinSegments(segments, spellings);
    const whole = joinSegments([...segments, { kind: "text", text: completion }], spellings);
    const stop = this.#stop(options.signal);
    const facts = { client, modelId, dialect, signal: stop.signal, timeout: scoreTimeout };
    return scoreByEcho(promptText, whole, facts).finally(() => stop.end());
  }

  async close(): Promise<void> {
    this.#closing.abort(new VikhrError(`the model '${this.name}' is closed`));
  }

  /** A prompt that leaves less room than `maxTokens` is refused by some servers: asked again for what is left. */
  async *#pieces(
    prompt: Prompt,
    settings: ResolvedGenerateOptions,
    stop: AbortSignal,
  ): AsyncGenerator<Piece, void, undefined> {
    stop.throwIfAborted();
    const { path, body } = await this.#request(prompt, stop);
    let begun = false;
    try {
      for await (const piece of this.#stream(path, body(settings), settings, stop)) {
        begun = true;
        yield piece;
      }
    } catch (error) {
      if (begun || !(error instanceof ContextOverflowError) || error.promptTokens >= error.contextSize)
        throw error;
      const left = error.contextSize - error.promptTokens;
      const allLeft = this.#parts.dialect === "openai" && path === "/completions" ? left : undefined;
      yield* this.#stream(path, body({ ...settings, maxTokens: allLeft }), settings, stop);
    }
  }

  #stream(path: string, body: unknown, { topLogprobs }: ResolvedGenerateOptions, stop: AbortSignal) {
    const { client } = this.#parts;
    return readCompletion(client.events(path, body, stop), topLogprobs, client);
  }

  async #request(prompt: Prompt, stop: AbortSignal): Promise<Request> {
    const { mode, dialect, modelId, spellings, contextSize } = this.#parts;
    const facts = { modelId, dialect };
    if (mode === "chat" && "messages" in prompt)
      return {
        path: "/chat/completions",
        body: (asked) => chatBody(prompt.messages, asked, facts, spellings),
      };
    const text = joinSegments(this.#parts.render(prompt), spellings);
    if (text === "") throw new InputError("the prompt is empty: give at least one token");
    const sent = dialect === "llama.cpp" ? await this.#tokenIds(text, stop) : text;
    // Unknown servers would stop after 16 tokens if not told: at least two characters are taken for a token.
    const guess = Math.max(64, contextSize - Math.ceil(text.length / 2));
    const unasked = dialect === "openai" ? guess : undefined;
    return {
      path: "/completions",
      body: (asked) => completionBody(sent, { ...asked, maxTokens: asked.maxTokens ?? unasked }, facts),
    };
  }

  /** llama-server would put a second token of beginning before a text; ids it takes as they are. */
  async #tokenIds(text: string, stop: AbortSignal): Promise<string | number[]> {
    const { client, baseUrl, contextSize } = this.#parts;
    const request = { content: text, add_special: false, parse_special: true };
    const answer = tokensSchema.safeParse(
      await client.quickly(`${serverRoot(baseUrl)}/tokenize`, request, stop),
    );
    if (!answer.success) throw client.fault("/tokenize gave no token ids: update llama-server");
    const { tokens } = answer.data;
    if (tokens.length >= contextSize) throw new ContextOverflowError(tokens.length, contextSize);
    return tokens;
  }

  #stop(signal: AbortSignal | undefined): LinkedAbort {
    if (this.#closing.signal.aborted) throw this.#closing.signal.reason;
    return new LinkedAbort(signal, this.#closing.signal);
  }
}

/** The server's own count where it gives one; until then the tokens, or else the pieces, that have come. */
function count(counts: Usage, { text, tokens, usage }: Piece): void {
  if (usage) Object.assign(counts, usage);
  else counts.completionTokens += tokens.length || (text === "" ? 0 : 1);
}

function toFinishReason(said: string): FinishReason {
  if (said === "length") return "length";
  return said === "abort" ? "aborted" : "stop";
}

/** Half of a surrogate pair at the end waits for its other half. */
function wholeCharacters(text: string): { text: string; rest: string } {
  return /[\uD800-\uDBFF]$/.test(text)
    ? { text: text.slice(0, -1), rest: text.slice(-1) }
    : { text, rest: "" };
}

function refuseAdapters({ adapters }: { adapters?: object | undefined }): void {
  if (adapters)
    throw new InputError("a server has adapters of its own: use a model on this machine, or none");
}
