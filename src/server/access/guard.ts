/** Middleware that lets a request through, or not: where it comes from, its key, how much that key may ask. */
import type { Context, MiddlewareHandler } from "hono";
import { nextThen, nodeRequest, setHeader } from "../node-response.ts";
import { RequestError } from "../openai-error.ts";
import type { ApiKeys, Client } from "./api-keys.ts";
import { foreignReason } from "./foreign-reason.ts";

export interface AccessRules {
  /** Who may ask. Default: everybody. */
  keys?: ApiKeys | undefined;
  /** Origins of other pages that may ask. Default: none. */
  cors?: readonly string[];
  /** The server listens for this machine alone. */
  isLoopback?: boolean;
}

declare module "hono" {
  interface ContextVariableMap {
    /** Who asked may read paths of this machine and load models. */
    isLocal: boolean;
    /** The name of the key that was sent. */
    keyName?: string;
  }
}

/** All that tells or does something; the page, its files, /health and /openapi.json are open. */
const GUARDED = /^\/(v1|cohere|mcp|metrics)(\/|$)/;
const CORS_METHODS = "GET, POST, DELETE";
const CORS_HEADERS =
  "authorization, content-type, accept, x-request-id, mcp-session-id, mcp-protocol-version";
const CORS_EXPOSED =
  "x-request-id, retry-after, x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests, mcp-session-id";

/** `isLocal` is what holds where no keys are set. */
export function guard(
  { keys, cors = [], isLoopback = false }: AccessRules,
  isLocal: boolean,
  isStopping: () => boolean = () => false,
): MiddlewareHandler {
  return async (context, next) => {
    const { path } = context.req;
    const isGuarded = GUARDED.test(path);
    if (isStopping() && path !== "/health") {
      setHeader(context, "connection", "close");
      throw new RequestError("the server is stopping: try again in a moment", { status: 503, retryAfter: 5 });
    }
    checkSource(context, { cors, isLoopback, isGuarded });
    if (cors.length > 0 && allowOrigin(context, cors)) return context.body(null, 204);
    const client = keys?.find(bearer(context));
    context.set("isLocal", keys ? client?.key.isLocal === true : isLocal);
    if (client) context.set("keyName", client.key.name);
    if (!keys || !isGuarded) return next();
    if (!client) throw unauthorized(context);
    let leave: () => void;
    try {
      leave = client.enter();
    } finally {
      tellLimits(context, client);
    }
    await nextThen(context, next, leave);
  };
}

function checkSource(
  context: Context,
  { cors, isLoopback, isGuarded }: { cors: readonly string[]; isLoopback: boolean; isGuarded: boolean },
): void {
  const { req } = context;
  const incoming = nodeRequest(context);
  const source = {
    host: req.header("host"),
    origin: req.header("origin"),
    fetchSite: req.header("sec-fetch-site"),
    isNavigation: !isGuarded && req.method === "GET" && req.header("sec-fetch-mode") === "navigate",
  };
  // The port is the one that the connection came in by.
  const loopbackPort = isLoopback ? incoming?.socket.localPort : undefined;
  const reason = foreignReason(source, { loopbackPort, cors });
  if (reason !== undefined) throw new RequestError(reason, { status: 403, code: "foreign_origin" });
}

/** True where the request was a browser's question whether it may ask (a preflight). */
function allowOrigin(context: Context, cors: readonly string[]): boolean {
  setHeader(context, "vary", "Origin");
  const origin = context.req.header("origin");
  if (origin === undefined || !cors.includes(origin)) return false;
  setHeader(context, "access-control-allow-origin", origin);
  setHeader(context, "access-control-expose-headers", CORS_EXPOSED);
  if (context.req.method !== "OPTIONS" || !context.req.header("access-control-request-method")) return false;
  setHeader(context, "access-control-allow-methods", CORS_METHODS);
  setHeader(context, "access-control-allow-headers", CORS_HEADERS);
  setHeader(context, "access-control-max-age", "600");
  // Chrome asks before a public page may reach a private address.
  if (context.req.header("access-control-request-private-network") === "true")
    setHeader(context, "access-control-allow-private-network", "true");
  return true;
}

function bearer(context: Context): string {
  return /^bearer +(\S+) *$/i.exec(context.req.header("authorization") ?? "")?.[1] ?? "";
}

function unauthorized(context: Context): RequestError {
  setHeader(context, "www-authenticate", "Bearer");
  const isMissing = context.req.header("authorization") === undefined;
  return new RequestError(
    isMissing
      ? "a key is needed: send the header Authorization: Bearer YOUR_KEY"
      : "this key is not known here: ask whoever runs the server for one",
    { status: 401, code: "invalid_api_key" },
  );
}

/** The headers by which OpenAI's clients know. */
function tellLimits(context: Context, { bucket }: Client): void {
  if (!bucket) return;
  setHeader(context, "x-ratelimit-limit-requests", String(bucket.perMinute));
  setHeader(context, "x-ratelimit-remaining-requests", String(bucket.remaining));
  setHeader(context, "x-ratelimit-reset-requests", `${bucket.secondsUntilFull.toFixed(3)}s`);
}
