/** Middleware around every request: its id, the headers of every answer, and what is counted and logged of it. */
import { randomUUID } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { Metrics } from "./metrics.ts";
import { nextThen, nodeResponse, setHeader } from "./node-response.ts";
import { RequestError, toOpenAIError } from "./openai-error.ts";
import type { RequestLog } from "./request-log.ts";

declare module "hono" {
  interface ContextVariableMap {
    requestId: string;
    /** Faults of ours go into the log, with the request's id; to be told also once an answer has begun. */
    reportFault: (error: unknown) => void;
  }
}

export interface SurroundOptions {
  metrics?: Metrics | undefined;
  log?: RequestLog | undefined;
  /** Keeps what answers until the function that it gives is called. */
  hold?: (() => () => void) | undefined;
}

/** What a page from here may load: what comes from here. A route may set its own. */
const HEADERS = {
  "content-security-policy":
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/** Of a body in the log. */
const MAX_LOGGED_CHARACTERS = 100_000;
/** As nginx logs those whose client left. */
const CLIENT_LEFT = 499;
/** What matches the files of the page, and where middlewares stand. */
const CATCH_ALL = "/*";

export function surround({ metrics, log, hold }: SurroundOptions): MiddlewareHandler {
  return async (context, next) => {
    const begun = performance.now();
    const { method, path } = context.req;
    const id = requestId(context.req.header("x-request-id"));
    context.set("requestId", id);
    context.set("reportFault", (error) => {
      if (toOpenAIError(error).status >= 500 && !(error instanceof RequestError)) log?.fault(id, error);
    });
    setHeader(context, "x-request-id", id);
    for (const [name, value] of Object.entries(HEADERS)) setHeader(context, name, value);
    metrics?.requestBegins();
    // A stream of an MCP session (GET) stays open for hours and asks nothing by itself.
    const release = method === "POST" && !path.startsWith("/v1/models") ? hold?.() : undefined;
    await nextThen(context, next, () => {
      release?.();
      const status = statusOf(context);
      const milliseconds = performance.now() - begun;
      metrics?.requestEnds(method, routeOf(context, status), status, milliseconds / 1000);
      if (!log) return;
      const request = { id, method, path, status, milliseconds, key: context.get("keyName") };
      if (!log.withContent) log.request(request);
      else void textBody(context).then((content) => log.request({ ...request, content }));
    });
  };
}

/** What the client calls it, if that can do no harm in a log. */
function requestId(given: string | undefined): string {
  return given !== undefined && /^[\w.:-]{1,128}$/.test(given)
    ? given
    : `req_${randomUUID().replaceAll("-", "")}`;
}

function statusOf(context: Context): number {
  const response = nodeResponse(context);
  if (!response) return context.res.status;
  return response.writableFinished ? response.statusCode : CLIENT_LEFT;
}

/** The one that answered. */
function routeOf(context: Context, status: number): string {
  const route = routePath(context);
  if (route !== CATCH_ALL) return route;
  return status === 404 ? "unknown" : status >= 400 ? "refused" : "page";
}

/** What the route has read already; nothing is read for the log. */
async function textBody({ req }: Context): Promise<string | undefined> {
  try {
    return (await req.bodyCache.text)?.slice(0, MAX_LOGGED_CHARACTERS);
  } catch {
    // The client left before it was whole.
    return undefined;
  }
}
