/**
 * An application on a port of this machine, with bounds on what a connection may cost, and a stop that lets answers under
 * way end. What is no HTTP at all is answered here, in the shape of all other errors.
 */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { RequestError as AdapterError, getRequestListener } from "@hono/node-server";
import { InputError } from "../errors.ts";
import { RequestError, toOpenAIError } from "./openai-error.ts";

export interface ListenOptions {
  host: string;
  /** 0 takes one that is free. */
  port: number;
  limits?: Partial<ConnectionLimits>;
}

/** Times in milliseconds. */
export interface ConnectionLimits {
  /** Until the headers of a request are there. */
  headers: number;
  /** Until its body is there, too. */
  request: number;
  /** Without a byte taken by a client for whom some wait. A model that thinks costs nobody a connection. */
  stall: number;
  connections: number;
}

const LIMITS: ConnectionLimits = { headers: 15_000, request: 300_000, stall: 60_000, connections: 1000 };
/** How often Node looks for requests that are late. */
const CHECKS_PER_LIMIT = 4;
/** Longer than most proxies keep theirs: they must close first. */
const KEEP_ALIVE = 75_000;
const MAX_HEADER_BYTES = 16 * 1024;

export interface Listening {
  /** For people, and for clients. */
  url: string;
  port: number;
  /** Waits for what is under way, at most so many milliseconds; then cuts what is left. */
  stop(grace: number): Promise<void>;
}

/** Of a Hono application. */
export interface Fetching {
  fetch(request: Request, env: object): Response | Promise<Response>;
}

export async function listen(app: Fetching, options: ListenOptions): Promise<Listening> {
  const { host, port } = options;
  const limits = { ...LIMITS, ...options.limits };
  const server = createServer({
    headersTimeout: limits.headers,
    requestTimeout: limits.request,
    connectionsCheckingInterval: Math.min(limits.headers, limits.request) / CHECKS_PER_LIMIT,
    keepAliveTimeout: KEEP_ALIVE,
    maxHeaderSize: MAX_HEADER_BYTES,
    // Ours says what is wrong.
    requireHostHeader: false,
    // A peer whose machine is gone is found out.
    keepAlive: true,
    noDelay: true,
  });
  server.maxConnections = limits.connections;
  server.timeout = limits.stall;
  const open = new OpenResponses();
  const answer = getRequestListener(app.fetch, { errorHandler: refused });
  server.on("request", (incoming, outgoing) => {
    // Nobody pipelines. Node does not tell the end of a response that waits behind another whose client leaves.
    if (open.add(outgoing, incoming.socket)) void answer(incoming, outgoing);
    else incoming.socket.destroy();
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === "ECONNRESET" || !socket.writable || open.hasBegun(socket)) socket.destroy();
    else socket.end(rawError(...clientFault(error.code)));
  });
  server.on("checkExpectation", (_: IncomingMessage, outgoing: ServerResponse) => {
    const { status, body } = problem(417, "Expect may only be 100-continue");
    outgoing.statusCode = status;
    outgoing.setHeader("content-type", "application/json").end(JSON.stringify(body));
  });
  server.on("connect", (_, socket) => socket.end(rawError(405, "this server is no proxy")));
  // The client takes nothing, or no request is under way. Else a model thinks.
  server.on("timeout", (socket) => {
    if (socket.writableLength > 0 || !open.has(socket)) socket.destroy();
  });
  await bound(server, host, port);
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    async stop(grace) {
      server.closeIdleConnections();
      // New connections still come in, and hear that they should try again.
      await open.empty(grace);
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Responses that have not ended. */
class OpenResponses {
  readonly #open = new Map<Socket, ServerResponse>();
  #onEmpty: (() => void) | undefined;

  /** False where another one of the connection is open. */
  add(response: ServerResponse, socket: Socket): boolean {
    if (this.#open.has(socket)) return false;
    this.#open.set(socket, response);
    response.once("close", () => {
      this.#open.delete(socket);
      if (this.#open.size === 0) this.#onEmpty?.();
    });
    return true;
  }

  has(socket: Socket): boolean {
    return this.#open.has(socket);
  }

  /** Something of it was sent. */
  hasBegun(socket: Socket): boolean {
    return this.#open.get(socket)?.headersSent ?? false;
  }

  /** Resolves when none is left, or after so many milliseconds. */
  async empty(milliseconds: number): Promise<void> {
    if (this.#open.size === 0) return;
    await new Promise<void>((done) => {
      const timer = setTimeout(done, milliseconds);
      this.#onEmpty = () => {
        clearTimeout(timer);
        done();
      };
    });
  }
}

function bound(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(explained(error, host, port)));
    server.listen({ host, port }, resolve);
  });
}

function explained(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: `port ${port} of ${host} is taken: stop what listens there, or choose another with --port`,
    EACCES: `port ${port} is not for everybody: choose one from 1024 with --port`,
    EADDRNOTAVAIL: `${host} is no address of this machine: choose one with --host`,
    ENOTFOUND: `${host} is no address of this machine: choose one with --host`,
  };
  return new InputError(
    reasons[error.code ?? ""] ?? `cannot listen at ${host}, port ${port}: ${error.message}`,
    {
      cause: error,
    },
  );
}

/** What never reached the application, or fell out of it. */
function refused(error: unknown): Response {
  const { status, body } =
    error instanceof AdapterError
      ? problem(400, "the address or the Host header of the request cannot be read")
      : toOpenAIError(error);
  return Response.json(body, { status });
}

function clientFault(code: string | undefined): [status: number, message: string] {
  if (code === "HPE_HEADER_OVERFLOW") return [431, `the headers are larger than ${MAX_HEADER_BYTES} bytes`];
  if (code === "HPE_CHUNK_EXTENSIONS_OVERFLOW") return [413, "the extensions of a chunk are too large"];
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return [408, "the request did not come to its end in time"];
  return [400, "this is no HTTP request"];
}

function problem(status: number, message: string) {
  return toOpenAIError(new RequestError(message, { status }));
}

function rawError(status: number, message: string): string {
  const text = JSON.stringify(problem(status, message).body);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(text)}`,
    "connection: close",
  ];
  return `${head.join("\r\n")}\r\n\r\n${text}`;
}
