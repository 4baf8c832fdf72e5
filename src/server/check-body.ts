/**
 * Middleware: bodies of bounded size, and JSON where JSON is read. Most say how long they are, and are refused before a
 * byte of them is read.
 */
import type { MiddlewareHandler } from "hono";
import { bodyLimit as countingLimit } from "hono/body-limit";
import { formatBytes } from "../util/format-quantity.ts";
import { RequestError } from "./openai-error.ts";
import { mediaType, notJson } from "./read-body.ts";

/** Some thousand of the longest documents. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Reads files piece by piece, with a bound of its own. */
const UPLOADS = { method: "POST", path: "/v1/documents" };

export function checkBody(): MiddlewareHandler {
  // Of bodies that come in chunks, which do not say how long they are.
  const counting = countingLimit({
    maxSize: MAX_BODY_BYTES,
    onError: () => {
      throw tooLarge(MAX_BODY_BYTES);
    },
  });
  return (context, next) => {
    const { req } = context;
    if (req.method === UPLOADS.method && req.path === UPLOADS.path) return next();
    // Else a form, which curl sends unasked, would be told that its first field is missing.
    if (req.method === "POST" && mediaType(req.header("content-type")) !== "application/json")
      throw notJson();
    const length = req.header("content-length");
    if (length === undefined)
      return req.header("transfer-encoding") === undefined ? next() : counting(context, next);
    // What is no number Node has refused.
    if (Number(length) > MAX_BODY_BYTES) throw tooLarge(MAX_BODY_BYTES);
    return next();
  };
}

function tooLarge(most: number): RequestError {
  return new RequestError(`the body is larger than ${formatBytes(most)}: send less at once`, {
    status: 413,
    code: "body_too_large",
  });
}
