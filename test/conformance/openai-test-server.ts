/**
 * A server for tests only, with a LanguageModel behind the wire shapes of vLLM, on a free port of this machine. Like
 * vLLM it tokenizes whole prompts with control tokens on, and refuses in vLLM's words.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ContextOverflowError, InputError } from "../../src/errors.ts";
import type {
  GeneratedToken,
  GenerateOptions,
  LanguageModel,
  Prompt,
} from "../../src/spec/language-model.ts";
import type { Message } from "../../src/spec/message.ts";
import { DEFAULT_CHAT_TEMPLATE, renderChat } from "../../src/tokenizer/chat-template.ts";

export interface TestServer {
  baseUrl: string;
  /** Bodies of all requests, in order. */
  bodies: Record<string, unknown>[];
  close(): Promise<void>;
}

export const TEST_API_KEY = "sk-test-0123456789";

interface Wire {
  prompt?: string;
  messages?: Message[];
  max_tokens?: number | null;
  temperature?: number;
  top_p?: number;
  top_k?: number;
  min_p?: number;
  repetition_penalty?: number;
  seed?: number;
  stop?: string[];
  logprobs?: number | boolean;
  top_logprobs?: number;
  structured_outputs?: { grammar: string };
  stream?: boolean;
  echo?: boolean;
}

export async function openaiTestServer(model: LanguageModel): Promise<TestServer> {
  const bodies: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    answer(model, request, response, bodies).catch((error: unknown) => refuse(response, error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    bodies,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  model: LanguageModel,
  request: IncomingMessage,
  response: ServerResponse,
  bodies: Record<string, unknown>[],
): Promise<void> {
  if (request.headers.authorization !== `Bearer ${TEST_API_KEY}`)
    return json(response, 401, { error: { message: `Unauthorized: ${request.headers.authorization}` } });
  if (request.url === "/v1/models")
    return json(response, 200, {
      object: "list",
      data: [{ id: "tiny", object: "model", owned_by: "vllm", max_model_len: model.contextSize }],
    });
  const wire = (await bodyOf(request)) as Wire;
  bodies.push(wire as Record<string, unknown>);
  const chat = request.url === "/v1/chat/completions";
  const prompt = promptOf(wire);
  if (!wire.stream) return json(response, 200, await whole(model, prompt, wire));
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  await stream(model, prompt, { ...optionsOf(wire, chat), signal: gone.signal }, chat, response);
}

/** Always a rendered prompt in one piece, control tokens and all. */
function promptOf({ prompt, messages = [] }: Wire): string {
  return (
    prompt ??
    renderChat(DEFAULT_CHAT_TEMPLATE, messages)
      .map(({ text }) => text)
      .join("")
  );
}

function asSegments(text: string): Prompt {
  return { segments: [{ kind: "control", text }] };
}

function optionsOf(wire: Wire, chat: boolean): GenerateOptions {
  const asked = chat ? wire.logprobs && (wire.top_logprobs ?? 0) : wire.logprobs;
  return {
    ...(wire.max_tokens ? { maxTokens: wire.max_tokens } : {}),
    temperature: wire.temperature ?? 1,
    topP: wire.top_p ?? 1,
    topK: Math.max(0, wire.top_k ?? 0),
    minP: wire.min_p ?? 0,
    repeatPenalty: wire.repetition_penalty ?? 1,
    ...(wire.seed === undefined ? {} : { seed: wire.seed }),
    ...(wire.stop ? { stop: wire.stop } : {}),
    ...(wire.structured_outputs ? { grammar: wire.structured_outputs.grammar } : {}),
    ...(typeof asked === "number" ? { topLogprobs: asked } : {}),
  };
}

async function stream(
  model: LanguageModel,
  prompt: string,
  options: GenerateOptions,
  chat: boolean,
  response: ServerResponse,
): Promise<void> {
  const send = (value: unknown) => {
    if (!response.headersSent)
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    response.write(`data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`);
  };
  const common = { id: "cmpl-1", object: chat ? "chat.completion.chunk" : "text_completion", model: "tiny" };
  const logprobs = chat ? contentLogprobs : listLogprobs;
  for await (const { text, tokens, finishReason, usage } of model.generate(asSegments(prompt), options)) {
    const choice = {
      index: 0,
      ...(chat ? { delta: { content: text } } : { text }),
      logprobs: tokens.length > 0 ? logprobs(tokens) : null,
      finish_reason: finishReason ?? null,
    };
    send({ ...common, choices: [choice] });
    if (!usage) continue;
    const wireUsage = {
      prompt_tokens: usage.promptTokens,
      completion_tokens: usage.completionTokens,
      total_tokens: usage.promptTokens + usage.completionTokens,
      prompt_tokens_details: { cached_tokens: usage.reusedTokens },
    };
    send({ ...common, choices: [], usage: wireUsage });
  }
  send("[DONE]");
  response.end();
}

/** One token of completion; with `echo` the log-probabilities of what follows the last header of the prompt. */
async function whole(model: LanguageModel, prompt: string, wire: Wire): Promise<unknown> {
  const cut = wire.echo ? prompt.lastIndexOf("<|end_header_id|>\n\n") + "<|end_header_id|>\n\n".length : 0;
  const tokens = wire.echo ? await model.score(asSegments(prompt.slice(0, cut)), prompt.slice(cut)) : [];
  let promptTokens = 0;
  const counted = wire.echo ? prompt.slice(0, cut) : prompt;
  for await (const { usage } of model.generate(asSegments(counted), { maxTokens: 1, temperature: 0 }))
    promptTokens = usage?.promptTokens ?? promptTokens;
  const echoed = [
    ...Array.from({ length: promptTokens }, () => ({ text: "", logprob: null })),
    ...tokens,
    { text: "!", logprob: -1 },
  ];
  const logprobs = {
    tokens: echoed.map(({ text }) => text),
    token_logprobs: echoed.map(({ logprob }) => logprob),
    top_logprobs: null,
  };
  return {
    object: "text_completion",
    choices: [{ index: 0, text: "", logprobs: wire.echo ? logprobs : null, finish_reason: "length" }],
    usage: { prompt_tokens: promptTokens + tokens.length, completion_tokens: 1 },
  };
}

function listLogprobs(tokens: readonly GeneratedToken[]) {
  return {
    tokens: tokens.map(({ text }) => text),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    // As vLLM does it: an object, in which tokens of the same text are one.
    top_logprobs: tokens.map(({ top }) => Object.fromEntries(top.map((t) => [t.text, t.logprob]))),
  };
}

function contentLogprobs(tokens: readonly GeneratedToken[]) {
  const wire = ({ text, logprob }: { text: string; logprob: number }) => ({
    token: text,
    logprob,
    bytes: [...Buffer.from(text)],
  });
  return { content: tokens.map((token) => ({ ...wire(token), top_logprobs: token.top.map(wire) })) };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return JSON.parse(Buffer.concat(pieces).toString("utf8"));
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const message =
    error instanceof ContextOverflowError
      ? `This model's maximum context length is ${error.contextSize} tokens. However, your request has ${error.promptTokens} input tokens. Please reduce the length of the input messages.`
      : String(error);
  const status = error instanceof InputError ? 400 : 500;
  json(response, status, { error: { message, type: "BadRequestError", param: null, code: status } });
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}
