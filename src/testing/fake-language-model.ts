/**
 * A LanguageModel that answers from a script: same prompt, options and seed, same text; no weights, no clock.
 * A token is a run of letters with the space before it, or one other character. Remembers every call.
 */
import { ContextOverflowError } from "../errors.ts";
import type {
  FinishReason,
  GenerateChunk,
  GeneratedToken,
  GenerateOptions,
  LanguageModel,
  Prompt,
  TokenLogprob,
} from "../spec/language-model.ts";

export interface FakeCall {
  kind: "generate" | "score";
  /** Counts the calls of this model, from 0. */
  index: number;
  prompt: Prompt;
  /** The whole prompt as text: contents of messages joined by newlines, or of segments as they are. */
  text: string;
  options: GenerateOptions;
  /** What was to be scored; empty for `generate`. */
  completion: string;
}

export interface FakeLanguageModelOptions {
  /** One reply a `generate` call, in order (an error once they run out); or a function of the call. */
  replies: readonly string[] | ((call: FakeCall) => string);
  name?: string;
  /** In tokens of the fake. Default 8192. */
  contextSize?: number;
  /** Natural log-probability of a token, for `topLogprobs` and `score`. Default -0.1 for all. */
  logprob?: (token: string, call: FakeCall) => number;
}

export interface FakeLanguageModel extends LanguageModel {
  readonly calls: readonly FakeCall[];
  readonly closed: boolean;
}

export function fakeTokens(text: string): string[] {
  return text.match(/ ?\p{L}+|./gsu) ?? [];
}

export function fakeLanguageModel(options: FakeLanguageModelOptions): FakeLanguageModel {
  const { replies, name = "fake", contextSize = 8192, logprob = () => -0.1 } = options;
  const calls: FakeCall[] = [];
  let generated = 0;
  let closed = false;
  let cached: string[] = [];

  function record(kind: FakeCall["kind"], prompt: Prompt, settings: GenerateOptions, completion: string) {
    if (closed) throw new Error(`the fake model '${name}' is closed`);
    const call = {
      kind,
      index: calls.length,
      prompt,
      text: promptText(prompt),
      options: settings,
      completion,
    };
    calls.push(call);
    return call;
  }

  function replyTo(call: FakeCall): string {
    if (typeof replies === "function") return replies(call);
    const reply = replies[generated++];
    if (reply === undefined)
      throw new Error(`the script of '${name}' has ${replies.length} replies, and one more was asked for`);
    return reply;
  }

  async function* generate(prompt: Prompt, settings: GenerateOptions = {}): AsyncGenerator<GenerateChunk> {
    const call = record("generate", prompt, settings, "");
    const promptTokens = fakeTokens(call.text);
    if (promptTokens.length >= contextSize) throw new ContextOverflowError(promptTokens.length, contextSize);
    // The last token is always evaluated, as in a real engine: it predicts the first of the answer.
    const reusedTokens = Math.min(commonPrefix(cached, promptTokens), promptTokens.length - 1);
    const room = contextSize - promptTokens.length;
    const limit = Math.min(settings.maxTokens ?? room, room);
    const { text, stopped } = cutAtStop(replyTo(call), settings.stop ?? []);
    const tokens = fakeTokens(text);
    let finishReason: FinishReason = stopped || tokens.length < limit ? "stop" : "length";
    let completionTokens = 0;
    for (const token of tokens.slice(0, limit)) {
      await Promise.resolve();
      if (settings.signal?.aborted) {
        finishReason = "aborted";
        break;
      }
      completionTokens++;
      yield { text: token, tokens: described(token, call) };
    }
    cached = [...promptTokens, ...tokens.slice(0, completionTokens)];
    const usage = { promptTokens: promptTokens.length, completionTokens, reusedTokens };
    yield { text: "", tokens: [], finishReason, usage };
  }

  function described(token: string, call: FakeCall): GeneratedToken[] {
    const count = call.options.topLogprobs;
    if (count === undefined) return [];
    const own = { text: token, logprob: logprob(token, call) };
    return [{ ...own, top: count > 0 ? [own] : [] }];
  }

  async function score(
    prompt: Prompt,
    completion: string,
    settings: { signal?: AbortSignal } = {},
  ): Promise<TokenLogprob[]> {
    settings.signal?.throwIfAborted();
    const call = record("score", prompt, settings, completion);
    const total = fakeTokens(call.text).length + fakeTokens(completion).length;
    if (total > contextSize) throw new ContextOverflowError(total, contextSize);
    return fakeTokens(completion).map((text) => ({ text, logprob: logprob(text, call) }));
  }

  return {
    name,
    contextSize,
    calls,
    get closed() {
      return closed;
    },
    generate,
    score,
    async close() {
      closed = true;
    },
  };
}

function promptText(prompt: Prompt): string {
  return "messages" in prompt
    ? prompt.messages.map((m) => m.content).join("\n")
    : prompt.segments.map((s) => s.text).join("");
}

function cutAtStop(text: string, stop: readonly string[]): { text: string; stopped: boolean } {
  const places = stop.map((s) => text.indexOf(s)).filter((at) => at >= 0);
  return places.length === 0
    ? { text, stopped: false }
    : { text: text.slice(0, Math.min(...places)), stopped: true };
}

function commonPrefix(a: readonly string[], b: readonly string[]): number {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n++;
  return n;
}
