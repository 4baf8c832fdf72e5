/** What went wrong in, its HTTP status and OpenAI's error object out. */
import { HTTPException } from "hono/http-exception";
import {
  ConflictError,
  ContextOverflowError,
  InputError,
  NotFoundError,
  OverloadedError,
  UnavailableError,
  VikhrError,
} from "../errors.ts";
import { printable } from "../util/printable.ts";

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
  /** Seconds after which it may be tried again. */
  readonly retryAfter: number | undefined;

  constructor(
    message: string,
    {
      status = 400,
      param = null,
      code = null,
      retryAfter,
    }: { status?: number; param?: string | null; code?: string | null; retryAfter?: number } = {},
  ) {
    super(message);
    this.retryAfter = retryAfter;
    this.status = status;
    this.param = param;
    this.code = code;
  }
}

/** It may quote what was sent. */
const MAX_MESSAGE = 2000;

/** Faults of ours say no more than that: their message may hold what is nobody's business. */
export function toOpenAIError(error: unknown): { status: number; body: OpenAIError } {
  const status = statusOf(error);
  const isTold = error instanceof VikhrError || error instanceof HTTPException;
  const message = isTold
    ? printable(error.message, MAX_MESSAGE)
    : "something went wrong in the server: see its log";
  const { param = null, code = null } = error instanceof RequestError ? error : {};
  const ownCode = error instanceof ContextOverflowError ? "context_length_exceeded" : code;
  return { status, body: { error: { message, type: typeOf(status), param, code: ownCode } } };
}

function statusOf(error: unknown): number {
  if (error instanceof RequestError || error instanceof HTTPException) return error.status;
  if (error instanceof NotFoundError) return 404;
  if (error instanceof ConflictError) return 409;
  if (error instanceof OverloadedError) return 429;
  if (error instanceof UnavailableError) return 503;
  return error instanceof InputError ? 400 : 500;
}

function typeOf(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}
