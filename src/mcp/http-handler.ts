/**
 * The same server over HTTP ("streamable HTTP" of the protocol): requests of the web in, responses out, to be mounted
 * anywhere. Sessions, since a cancellation must meet the request that it means; bounded in number and time. Whose Host,
 * Origin and key are good is for whoever mounts it to say.
 */
import { randomUUID } from "node:crypto";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { createMcpServer } from "./create-mcp-server.ts";
import type { McpParts } from "./mcp-parts.ts";

export interface McpHttpHandler {
  /** Of POST, GET and DELETE. */
  handle(request: Request): Promise<Response>;
  /** Ends all sessions and what is under way in them. */
  close(): Promise<void>;
}

export interface McpHttpOptions {
  /** Where there are more, the one that was used longest ago ends at the next request. Default 1000. */
  maxSessions?: number;
}

interface Session {
  transport: WebStandardStreamableHTTPServerTransport;
  lastUsed: number;
}

/** Milliseconds without a request after which a session ends: a day, since assistants stay open. */
const IDLE_TIME = 24 * 60 * 60 * 1000;

export function createMcpHttpHandler(
  parts: McpParts,
  { maxSessions = 1000 }: McpHttpOptions = {},
): McpHttpHandler {
  /** Used longest ago first. */
  const sessions = new Map<string, Session>();

  function use(id: string, transport: WebStandardStreamableHTTPServerTransport): void {
    sessions.delete(id);
    sessions.set(id, { transport, lastUsed: Date.now() });
  }

  /** Those that are over, and as many more as are too many. */
  async function endSessions(): Promise<void> {
    for (const [id, { transport, lastUsed }] of [...sessions]) {
      if (Date.now() - lastUsed <= IDLE_TIME && sessions.size <= maxSessions) return;
      sessions.delete(id);
      await transport.close();
    }
  }

  async function begin(request: Request): Promise<Response> {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => use(id, transport),
    });
    transport.onclose = () => {
      if (transport.sessionId !== undefined) sessions.delete(transport.sessionId);
    };
    await createMcpServer(parts).connect(transport);
    const response = await transport.handleRequest(request);
    // Its first request was none that begins a session.
    if (transport.sessionId === undefined) await transport.close();
    return response;
  }

  return {
    async handle(request) {
      await endSessions();
      const id = request.headers.get("mcp-session-id");
      if (id === null) return begin(request);
      const session = sessions.get(id);
      if (!session) return sessionNotFound();
      use(id, session.transport);
      return session.transport.handleRequest(request);
    },
    async close() {
      for (const { transport } of [...sessions.values()]) await transport.close();
    },
  };
}

/** As the protocol wants it: clients begin a new session. */
function sessionNotFound(): Response {
  const error = { code: -32001, message: "Session not found: begin a new one" };
  return Response.json({ jsonrpc: "2.0", error, id: null }, { status: 404 });
}
