/** Events of a streamed completion, of either endpoint -> pieces: text, tokens with log-probabilities, usage, end. */
import type { GeneratedToken, TokenLogprob, Usage } from "../../spec/language-model.ts";
import type { HttpClient } from "./http-client.ts";
import type { ServerSentEvent } from "./parse-sse.ts";
import { completionSchema, type WireCompletion, type WireLogprobs, type WireUsage } from "./wire.ts";

export interface Piece {
  text: string;
  tokens: GeneratedToken[];
  /** In the server's words. */
  finishReason: string | undefined;
  /** So far. */
  usage: Usage | undefined;
}

/** Ends without an error only where the server has said that the completion is complete. */
export async function* readCompletion(
  events: AsyncIterable<ServerSentEvent>,
  topLogprobs: number | undefined,
  client: HttpClient,
): AsyncGenerator<Piece, void, undefined> {
  let complete = false;
  for await (const { type, data } of events) {
    if (data.trim() === "[DONE]") return;
    const json = parseEvent(data, type, client);
    const piece = toPiece(json, topLogprobs);
    if (piece.finishReason === "error") throw client.cut("the server gave up in the middle of the answer");
    complete ||= piece.finishReason !== undefined;
    yield piece;
  }
  if (!complete)
    throw client.cut("the connection ended in the middle of the answer: ask again, and see the server's log");
}

function parseEvent(data: string, type: string, client: HttpClient): WireCompletion {
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch (cause) {
    if (type === "error") throw client.errorInStream(data, undefined);
    throw client.fault("the server sent an event that is not JSON", cause);
  }
  if (type === "error" || isFailure(json)) throw client.errorInStream(data, codeOf(json));
  const parsed = completionSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw client.fault(
      `the server sent what is no completion (${issue?.path.join(".")}: ${issue?.message}): check --base-url`,
    );
  }
  return parsed.data;
}

function isFailure(json: unknown): boolean {
  if (typeof json !== "object" || json === null) return false;
  return ("error" in json && json.error !== null) || ("object" in json && json.object === "error");
}

/** `{error: {code}}`, or vLLM's older `{object: "error", code}`. */
function codeOf(json: unknown): unknown {
  const outer = json as { error?: { code?: unknown } | null; code?: unknown } | null;
  const code = outer?.error?.code ?? outer?.code;
  return typeof code === "string" && /^\d{3}$/.test(code) ? Number(code) : code;
}

function toPiece({ choices, usage }: WireCompletion, topLogprobs: number | undefined): Piece {
  const choice = choices[0];
  return {
    text: choice?.text ?? choice?.delta?.content ?? "",
    tokens: topLogprobs === undefined || !choice?.logprobs ? [] : toTokens(choice.logprobs, topLogprobs),
    finishReason: choice?.finish_reason ?? undefined,
    usage: usage ? toUsage(usage) : undefined,
  };
}

function toUsage({ prompt_tokens, completion_tokens, prompt_tokens_details }: WireUsage): Usage {
  return {
    promptTokens: prompt_tokens,
    completionTokens: completion_tokens ?? 0,
    reusedTokens: prompt_tokens_details?.cached_tokens ?? 0,
  };
}

export function toTokens(logprobs: WireLogprobs, topLogprobs: number): GeneratedToken[] {
  const best = (top: TokenLogprob[]) => top.sort((a, b) => b.logprob - a.logprob).slice(0, topLogprobs);
  if ("tokens" in logprobs)
    return logprobs.tokens.map((text, i) => {
      const logprob = logprobs.token_logprobs[i] ?? 0;
      const listed = Object.entries(logprobs.top_logprobs?.[i] ?? {});
      // Of alternatives spelled alike an object keeps the last, the least likely: the chosen one is known better.
      const top = listed.map(([token, value]) => ({
        text: token,
        logprob: token === text ? Math.max(value, logprob) : value,
      }));
      return { text, logprob, top: best(top) };
    });
  return (logprobs.content ?? []).map((token) => ({
    text: token.token,
    logprob: token.logprob,
    top: best((token.top_logprobs ?? []).map(({ token: text, logprob }) => ({ text, logprob }))),
  }));
}
