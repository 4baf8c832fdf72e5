/** An OpenAI-compatible server -> a LanguageModel. Asks the server once what it is; what is wrong is said then. */
import { InputError } from "../../errors.ts";
import type { LanguageModel, Prompt } from "../../spec/language-model.ts";
import { DEFAULT_CHAT_TEMPLATE, renderChat } from "../../tokenizer/chat-template.ts";
import { CONTROL_TOKENS } from "../../tokenizer/vocabulary.ts";
import { printable } from "../../util/printable.ts";
import { HttpClient } from "./http-client.ts";
import { templateSpellings } from "./neutralize-control-tokens.ts";
import { RemoteModel } from "./remote-model.ts";
import type { ServerPlace } from "./server-error.ts";
import { type ServerDialect, serverFacts } from "./server-facts.ts";

export interface RemoteOptions {
  /** `http://host:8000/v1`; `/v1` is added where there is no path. */
  baseUrl: string;
  /** Sent as a bearer token, to this server only; never shown. */
  apiKey?: string;
  /** As the server lists it at /v1/models. */
  modelId: string;
  /** For people. Default: `modelId`. */
  name?: string;
  /**
   * `completions`: the prompt is rendered here, so any server with a text endpoint serves the grounded protocol.
   * `chat`: the server renders; only for servers that pass every role on and begin a new turn after an
   * assistant's, such as vLLM. Default `completions`.
   */
  mode?: "completions" | "chat";
  /** Jinja. Default: Llama 3.1's, which renders any role. */
  chatTemplate?: string;
  /** Spelling of the token that begins a text. Default `<|begin_of_text|>`. */
  bosToken?: string;
  /** Spelling of the token that ends a text. Default `<|eot_id|>`. */
  eosToken?: string;
  /** In tokens. Default: what the server says, else 8192. */
  contextSize?: number;
  /** What the server knows beyond OpenAI's fields. Default: found out from /v1/models. */
  dialect?: ServerDialect;
  /** In milliseconds, for what is answered at once. Default 10,000. */
  connectTimeout?: number;
  /** In milliseconds, to the first token, prefill included. Default 240,000; Node's fetch ends at 300,000. */
  firstTokenTimeout?: number;
  /** In milliseconds, between tokens. Default 60,000. */
  tokenTimeout?: number;
  /** How often more a request is sent that failed for a moment, before its first token. Default 4. */
  retries?: number;
  /** Default: Node's. */
  fetch?: typeof fetch;
  /** Ends the opening. */
  signal?: AbortSignal;
}

const DEFAULT_CONTEXT_SIZE = 8192;

export async function openRemote(options: RemoteOptions): Promise<LanguageModel> {
  const { modelId, apiKey, mode = "completions", chatTemplate = DEFAULT_CHAT_TEMPLATE } = options;
  const { bosToken = CONTROL_TOKENS.bos, eosToken = CONTROL_TOKENS.eot } = options;
  const { firstTokenTimeout = 240_000 } = options;
  if (modelId === "") throw new InputError("the remote model has no name: give --model-id");
  const baseUrl = checkBaseUrl(options.baseUrl);
  checkApiKey(apiKey);
  const place: ServerPlace = { baseUrl, modelId, apiKey, contextSize: options.contextSize };
  const client = new HttpClient(place, {
    fetch: options.fetch ?? fetch,
    connectTimeout: options.connectTimeout ?? 10_000,
    firstTokenTimeout,
    tokenTimeout: options.tokenTimeout ?? 60_000,
    retries: options.retries ?? 4,
  });
  const { signal = new AbortController().signal } = options;
  const facts = await serverFacts(client, { baseUrl, modelId, dialect: options.dialect, signal });
  if (facts.ollama && mode === "completions")
    throw new InputError(
      `${baseUrl}: Ollama puts every prompt into a template of its own, which spoils ours: open the GGUF file itself with --model, or serve it with llama-server or vLLM`,
    );
  const contextSize = options.contextSize ?? facts.contextSize ?? DEFAULT_CONTEXT_SIZE;
  place.contextSize = contextSize;
  return new RemoteModel({
    name: options.name ?? modelId,
    baseUrl,
    modelId,
    contextSize,
    mode,
    dialect: facts.dialect,
    client,
    render: (prompt: Prompt) =>
      "segments" in prompt
        ? prompt.segments
        : renderChat(chatTemplate, prompt.messages, { bosToken, eosToken }),
    spellings: templateSpellings(chatTemplate, [bosToken, eosToken]),
    scoreTimeout: firstTokenTimeout,
  });
}

/** -> the address that paths are put behind. */
export function checkBaseUrl(given: string): string {
  const shown = printable(given);
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw new InputError(`${shown} is no web address: give a --base-url such as http://localhost:8000/v1`);
  if (url.username !== "" || url.password !== "")
    throw new InputError(`the --base-url holds a user name or password: leave it out, and give --api-key`);
  if (url.search !== "" || url.hash !== "")
    throw new InputError(`${shown} has a query or a fragment: give a --base-url without them`);
  const path = url.pathname.replace(/\/+$/, "");
  return `${url.origin}${path === "" ? "/v1" : path}`;
}

/** fetch would put a key with a line break into its error message. */
export function checkApiKey(apiKey: string | undefined): void {
  if (apiKey !== undefined && !/^[\x21-\x7e]{1,4096}$/.test(apiKey))
    throw new InputError("the API key has characters that no key has: check --api-key or OPENAI_API_KEY");
}
