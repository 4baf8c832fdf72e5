/** The official client over HTTP, against an application that mounts the handler as a server does. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import fc from "fast-check";
import { Hono } from "hono";
import { afterEach, expect, test, vi } from "vitest";
import { chunkDocument } from "../chunking/chunk-document.ts";
import { MemoryIndex } from "../index/memory-index.ts";
import { Corpora } from "../rag/corpora.ts";
import type { LanguageModel } from "../spec/language-model.ts";
import { fakeLanguageModel } from "../testing/fake-language-model.ts";
import { createMcpHttpHandler, type McpHttpOptions } from "./http-handler.ts";

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function listen(options: McpHttpOptions = {}, model?: LanguageModel) {
  const folder = mkdtempSync(join(tmpdir(), "vikhr-mcp-"));
  endings.push(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "default"));
  const index = new MemoryIndex();
  const document = {
    source: "/sea.txt",
    title: null,
    format: "plain" as const,
    text: "The sea level rose by 9 centimetres.",
  };
  await index.replace([
    { document: { ...document, hash: "", modified: 0, addedAs: "/" }, chunks: chunkDocument(document) },
  ]);
  const faults: unknown[] = [];
  const parts = {
    corpora: new Corpora({ open: async () => ({ index, close: async () => {} }), folder }),
    model: () => model,
    version: "0",
    onFault: (error: unknown) => faults.push(error),
  };
  const handler = createMcpHttpHandler(parts, options);
  endings.push(() => handler.close());
  const app = new Hono().all("/mcp", (context) => handler.handle(context.req.raw));
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  endings.push(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
  return { url, handler, faults };
}

async function connect(url: URL) {
  const client = new Client({ name: "test", version: "0" });
  const transport = new StreamableHTTPClientTransport(url);
  // Its type takes no sessionId that may be undefined.
  await client.connect(transport as Parameters<Client["connect"]>[0]);
  endings.push(() => client.close());
  return { client, transport };
}

const ask = { name: "ask", arguments: { question: "How much did the sea level rise?" } };
const REPLIES = ['{"relevant_doc_ids": [0]}', "The sea level rose by 9 centimetres."];

test("clients ask side by side, each with progress of its own", async () => {
  const { url } = await listen(
    {},
    fakeLanguageModel({ replies: ({ options }) => REPLIES[options.grammar === undefined ? 1 : 0]! }),
  );
  const clients = await Promise.all(Array.from({ length: 8 }, () => connect(url)));
  const ids = new Set(clients.map(({ transport }) => transport.sessionId));
  expect(ids.size).toBe(8);
  await Promise.all(
    clients.map(async ({ client }) => {
      const pieces: (string | undefined)[] = [];
      const result = await client.callTool(ask, undefined, {
        onprogress: ({ message }) => pieces.push(message),
      });
      expect(result.structuredContent).toMatchObject({
        outcome: "answered",
        answer: REPLIES[1],
        model: "fake",
      });
      expect(pieces.slice(2).join("")).toBe(REPLIES[1]);
    }),
  );
});

test("a cancellation reaches the request that it means", async () => {
  const cancel = new AbortController();
  let stopped = () => {};
  const aborted = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  const fake = fakeLanguageModel({ replies: REPLIES });
  const slow: LanguageModel = {
    ...fake,
    async *generate(prompt, options = {}) {
      options.signal!.addEventListener("abort", stopped);
      cancel.abort();
      await aborted;
      yield* fake.generate(prompt, options);
    },
  };
  const { url, faults } = await listen({}, slow);
  const { client } = await connect(url);
  await expect(client.callTool(ask, undefined, { signal: cancel.signal })).rejects.toThrow();
  await aborted;
  await client.ping();
  expect(faults).toEqual([]);
});

test("a session ends when its client says so, when it is unused for a day, and when others need its room", async () => {
  const { url, handler } = await listen({ maxSessions: 2 });
  const [first, second] = [await begin(url), await begin(url)];
  expect(await ping(url, first)).toBe(200);
  const third = await begin(url);
  expect(await ping(url, second)).toBe(404);
  expect(await ping(url, first)).toBe(200);
  await fetch(url, { method: "DELETE", headers: { "mcp-session-id": first } });
  expect(await ping(url, first)).toBe(404);
  expect(await ping(url, third)).toBe(200);
  vi.useFakeTimers({ toFake: ["Date"] });
  endings.push(() => vi.useRealTimers());
  vi.setSystemTime(Date.now() + 23 * 3600_000);
  expect(await ping(url, third)).toBe(200);
  vi.setSystemTime(Date.now() + 25 * 3600_000);
  expect(await ping(url, third)).toBe(404);
  const fourth = await begin(url);
  await handler.close();
  expect(await ping(url, fourth)).toBe(404);
});

/** Its id. */
async function begin(url: URL): Promise<string> {
  const params = {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "test", version: "0" },
  };
  const response = await post(url, JSON.stringify({ jsonrpc: "2.0", id: 0, method: "initialize", params }));
  await response.text();
  return response.headers.get("mcp-session-id")!;
}

/** The HTTP status. */
async function ping(url: URL, session: string): Promise<number> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
  return (await post(url, body, { "mcp-session-id": session })).status;
}

const post = (url: URL, body: string, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: "POST",
    body,
    headers: {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      ...headers,
    },
  });

test("what is no message of the protocol is refused, and begins no session", async () => {
  const { url, faults } = await listen({ maxSessions: 1 });
  const { client, transport } = await connect(url);
  const body = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc
      .record({
        jsonrpc: fc.constant("2.0"),
        id: fc.jsonValue(),
        method: fc.string(),
        params: fc.jsonValue(),
      })
      .map((value) => JSON.stringify(value)),
  );
  await fc.assert(
    fc.asyncProperty(body, fc.boolean(), async (text, isInSession) => {
      const headers = isInSession ? { "mcp-session-id": transport.sessionId! } : {};
      const response = await post(url, text, headers);
      const answer = await response.text();
      // In a session an unknown method is answered with an error of the protocol, a notification with nothing.
      const isRefused = response.status >= 400 && response.status < 500;
      expect(isRefused || (isInSession && (response.status === 202 || /"error":\{/.test(answer)))).toBe(true);
    }),
    { numRuns: 150 },
  );
  for (const method of ["GET", "DELETE", "PUT"])
    expect((await fetch(url, { method })).status).toBeGreaterThanOrEqual(400);
  // Its session was the only one that there is room for.
  await client.ping();
  expect(faults).toEqual([]);
});
