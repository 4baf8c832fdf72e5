/**
 * What a server answers instead of a completion (HTTP status and body, or an error object inside a stream) -> one
 * error that says what to do. Never holds the API key.
 */
import { ContextOverflowError, InputError, UnavailableError, VikhrError } from "../../errors.ts";
import { TransientError } from "../retrying.ts";

/** What is known about the server when it fails. */
export interface ServerPlace {
  baseUrl: string;
  modelId: string;
  apiKey: string | undefined;
  /** Undefined until it is known. */
  contextSize: number | undefined;
  /** What the user is told to check. Default: the flags that name a language model's server. */
  settings?: PlaceSettings;
}

export interface PlaceSettings {
  baseUrl: string;
  modelId: string;
  apiKey: string;
}

const FLAGS: PlaceSettings = {
  baseUrl: "--base-url",
  modelId: "--model-id",
  apiKey: "--api-key or OPENAI_API_KEY",
};

export const settingsOf = ({ settings = FLAGS }: ServerPlace): PlaceSettings => settings;

const TRANSIENT = new Set([429, 502, 503, 504]);
const MAX_QUOTED = 300;

export function serverError(
  place: ServerPlace,
  status: number,
  body: string,
  retryAfter?: number | undefined,
): VikhrError {
  const { baseUrl, modelId, apiKey } = place;
  const settings = settingsOf(place);
  // Before anything is cut off: half a key is too much.
  const said = spoken(redact(place, body));
  const because = said === "" ? `HTTP ${status}` : `HTTP ${status}: ${said}`;
  if (status === 401 || status === 403)
    // What the server says here may quote the key.
    return new UnavailableError(
      apiKey === undefined
        ? `${baseUrl}: the server wants an API key (HTTP ${status}): give ${settings.apiKey}`
        : `${baseUrl}: the server refuses the API key (HTTP ${status}): check ${settings.apiKey}`,
      { serverStatus: status },
    );
  if (status === 404 && /model/i.test(said))
    return new UnavailableError(
      `${baseUrl}: the server has no model '${modelId}' (${because}): check ${settings.modelId}`,
      { serverStatus: status },
    );
  if (status === 404)
    return new UnavailableError(
      `${baseUrl}: nothing answers there (${because}): check ${settings.baseUrl}, which most servers want to end in /v1`,
      { serverStatus: status },
    );
  if (TRANSIENT.has(status))
    return new TransientError(
      `${baseUrl}: the server is not ready or overloaded (${because}): try again later`,
      { retryAfter, serverStatus: status },
    );
  if (status >= 300 && status < 400)
    return new UnavailableError(
      `${baseUrl}: the server sends elsewhere (HTTP ${status}): give its final address as ${settings.baseUrl}`,
      { serverStatus: status },
    );
  if (status >= 400 && status < 500)
    return (
      overflow(place, body) ??
      new InputError(`${baseUrl}: the server refuses the request (${because}): change what it names`, {
        serverStatus: status,
      })
    );
  return new VikhrError(`${baseUrl}: the server failed (${because}): see its log`, { serverStatus: status });
}

/** The connection did not come about, or broke. */
export function connectionError(place: ServerPlace, cause: unknown): TransientError {
  const reason = reasonOf(cause, place);
  return new TransientError(
    `${place.baseUrl}: the server cannot be reached (${reason}): check ${settingsOf(place).baseUrl}, and that it runs`,
    { cause },
  );
}

/** fetch says "fetch failed", and the reason is below: ECONNREFUSED and its like. */
function reasonOf(error: unknown, place: ServerPlace): string {
  let reason = error instanceof Error ? error.message : String(error);
  for (let at = error, depth = 0; at instanceof Error && depth < 5; depth++) {
    if ("code" in at && typeof at.code === "string") reason = at.code;
    at = at.cause;
  }
  return printable(redact(place, reason));
}

/** The message in an error body of any of the usual shapes; of a web page nothing. */
function spoken(body: string): string {
  const json = parse(body);
  const error = property(json, "error");
  const message =
    property(error, "message") ?? error ?? property(json, "message") ?? property(json, "detail");
  if (typeof message === "string") return printable(message);
  if (message !== undefined && message !== null) return printable(JSON.stringify(message));
  return /^\s*</.test(body) ? "" : printable(body);
}

/**
 * A refusal because of the context's length, in the words of vLLM (several versions), SGLang, llama-server and
 * OpenAI. Numbers that are not given: the context is the one known, and the prompt at least one token longer.
 */
function overflow(place: ServerPlace, body: string): ContextOverflowError | undefined {
  const error = property(parse(body), "error");
  const words = `${spoken(body)} ${String(property(error, "type") ?? "")} ${String(property(error, "code") ?? "")}`;
  if (!OVERFLOW.test(words)) return undefined;
  const contextSize = whole(property(error, "n_ctx")) ?? first(words, CONTEXT_SIZES) ?? place.contextSize;
  if (contextSize === undefined) return undefined;
  const promptTokens = whole(property(error, "n_prompt_tokens")) ?? first(words, PROMPT_TOKENS);
  return new ContextOverflowError(promptTokens ?? contextSize + 1, contextSize);
}

const OVERFLOW =
  /context (?:length|size|window)|maximum model length|max_model_len|exceed_context_size|context_length_exceeded/i;
const CONTEXT_SIZES = [
  /(?:context (?:length|size|window)|maximum model length|max_model_len)[^\d]{0,30}?(\d+)/i,
  /(\d+)[- ]tokens? context/i,
];
const PROMPT_TOKENS = [
  /\((\d+) in the (?:messages|prompt)/i,
  /(\d+) tokens from the input/i,
  /(?:contains|has|have|passed|resulted in)(?: at least)? (\d+) (?:input |prompt )?tokens/i,
  /(?:prompt|input|request)(?: length)? ?(?:of )?\(?(?:length )?(\d+)/i,
];

function first(words: string, patterns: readonly RegExp[]): number | undefined {
  for (const pattern of patterns) {
    const found = pattern.exec(words)?.[1];
    if (found !== undefined && Number.isSafeInteger(Number(found))) return Number(found);
  }
  return undefined;
}

function whole(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && name in value
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** Servers quote what they were sent: no control characters, no endless lines. */
function printable(text: string): string {
  return text
    .replace(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, MAX_QUOTED);
}

function redact({ apiKey }: ServerPlace, text: string): string {
  return apiKey === undefined ? text : text.replaceAll(apiKey, "***");
}
