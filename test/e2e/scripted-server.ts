/** An OpenAI-compatible chat server that answers as a test says, well or badly, and remembers what it was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Message } from "../../src/spec/message.ts";

export interface ScriptedReply {
  text?: string;
  /** `length`: max_tokens were reached. Default `stop`. */
  finishReason?: "stop" | "length";
  /** Refuses with this instead. */
  status?: number;
  headers?: Record<string, string>;
  /** The connection breaks after the text. */
  isCut?: boolean;
  /** The text comes again and again, until somebody hangs up. */
  isEndless?: boolean;
  /** Milliseconds before anything comes. */
  delay?: number;
}

export interface ScriptedRequest {
  messages: Message[];
  maxTokens: number | undefined;
  temperature: number | undefined;
  /** Milliseconds since 1970. */
  at: number;
}

export interface ScriptedServer {
  baseUrl: string;
  /** In order; completions alone. */
  requests: ScriptedRequest[];
  /** Of any kind. */
  hits: number;
  close(): Promise<void>;
}

/** What each completion is said to have taken. */
export const USAGE = { prompt_tokens: 450, completion_tokens: 50, total_tokens: 500 };

export async function scriptedServer(
  reply: (request: ScriptedRequest) => ScriptedReply,
): Promise<ScriptedServer> {
  const server = createServer((request, response) => {
    scripted.hits++;
    answer(request, response).catch(() => response.destroy());
  });
  const scripted: ScriptedServer = {
    baseUrl: "",
    requests: [],
    hits: 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url !== "/v1/chat/completions") return void response.writeHead(404).end("{}");
    const wire = JSON.parse(await textOf(request)) as Record<string, unknown>;
    const asked = {
      messages: wire.messages as Message[],
      maxTokens: wire.max_tokens as number | undefined,
      temperature: wire.temperature as number | undefined,
      at: Date.now(),
    };
    scripted.requests.push(asked);
    await send(response, reply(asked));
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  scripted.baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return scripted;
}

async function send(response: ServerResponse, reply: ScriptedReply): Promise<void> {
  const { text = "", finishReason = "stop", status, headers = {} } = reply;
  if (reply.delay) await sleep(reply.delay, undefined, { ref: false });
  if (status !== undefined)
    return void response
      .writeHead(status, { "content-type": "application/json", ...headers })
      .end(JSON.stringify({ error: { message: "as the test says", code: status } }));
  const event = (value: object) => response.write(`data: ${JSON.stringify(value)}\n\n`);
  response.writeHead(200, { "content-type": "text/event-stream" });
  do {
    event({ choices: [{ index: 0, delta: { content: text }, finish_reason: null }] });
    if (reply.isEndless) await sleep(1);
  } while (reply.isEndless && !response.destroyed);
  if (reply.isCut) await sleep(20);
  if (reply.isCut || response.destroyed) return void response.destroy();
  event({ choices: [{ index: 0, delta: {}, finish_reason: finishReason }] });
  event({ choices: [], usage: USAGE });
  response.end("data: [DONE]\n\n");
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString("utf8");
}
