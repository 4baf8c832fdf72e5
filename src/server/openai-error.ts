/** What went wrong in, its HTTP status and OpenAI's error object out. */
import type { Hook } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import type { z } from "zod";
import {
  ConflictError,
  ContextOverflowError,
  InputError,
  NotFoundError,
  OverloadedError,
  VikhrError,
} from "../errors.ts";
import { serverSentEvent } from "./event-stream.ts";

export interface OpenAIError {
  error: {
    message: string;
    type: string;
    /** The field that is wrong, as a path: `messages[0].content`. */
    param: string | null;
    code: string | null;
  };
}

/** A request that is refused, and why. */
export class RequestError extends VikhrError {
  readonly status: number;
  readonly param: string | null;
  readonly code: string | null;

  constructor(
    message: string,
    {
      status = 400,
      param = null,
      code = null,
    }: { status?: number; param?: string | null; code?: string | null } = {},
  ) {
    super(message);
    this.status = status;
    this.param = param;
    this.code = code;
  }
}

/** Faults of ours say no more than that: their message may hold what is nobody's business. */
export function toOpenAIError(error: unknown): { status: number; body: OpenAIError } {
  const status = statusOf(error);
  const isTold = error instanceof VikhrError || error instanceof HTTPException;
  const message = isTold ? error.message : "something went wrong in the server: see its log";
  const { param = null, code = null } = error instanceof RequestError ? error : {};
  const ownCode = error instanceof ContextOverflowError ? "context_length_exceeded" : code;
  return { status, body: { error: { message, type: typeOf(status), param, code: ownCode } } };
}

function statusOf(error: unknown): number {
  if (error instanceof RequestError || error instanceof HTTPException) return error.status;
  if (error instanceof NotFoundError) return 404;
  if (error instanceof ConflictError) return 409;
  if (error instanceof OverloadedError) return 429;
  return error instanceof InputError ? 400 : 500;
}

function typeOf(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

/** For a stream that has begun. */
export const errorEvent = (error: unknown) => serverSentEvent(toOpenAIError(error).body, "error");

// biome-ignore lint/suspicious/noExplicitAny: what hono's types ask of a hook for all routes.
type AnyHook = Hook<any, any, any, any>;

/** What a schema does not take is refused, with the field. */
export const refuse: AnyHook = (result) => {
  if (!result.success) throw malformed(result.error);
};

export function malformed(error: z.core.$ZodError): RequestError {
  const { path, message } = deepest(error.issues[0]!);
  const param = path
    .map((key, i) => (typeof key === "number" ? `[${key}]` : `${i === 0 ? "" : "."}${String(key)}`))
    .join("")
    .slice(0, 200);
  return new RequestError(param === "" ? message : `${param}: ${message}`, {
    param: param === "" ? null : param,
  });
}

/** Of a union, what is wrong with the alternative that came furthest. */
function deepest(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string } {
  if (issue.code !== "invalid_union") return issue;
  const within = issue.errors
    .flatMap((issues) => issues.slice(0, 1).map(deepest))
    .reduce((best, one) => (one.path.length > best.path.length ? one : best), {
      path: [] as PropertyKey[],
      message: "",
    });
  if (within.path.length > 0) return { path: [...issue.path, ...within.path], message: within.message };
  const wanted = issue.errors.flatMap((issues) => issues.slice(0, 1).map(({ message }) => message));
  return { path: issue.path, message: [...new Set(wanted)].join(", or: ") || issue.message };
}
