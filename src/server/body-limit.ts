/** Middleware: bodies of bounded size. Most say how long they are, and are refused before a byte of them is read. */
import type { MiddlewareHandler } from "hono";
import { bodyLimit as countingLimit } from "hono/body-limit";
import { formatBytes } from "../util/format-quantity.ts";
import { RequestError } from "./openai-error.ts";

/** Some thousand of the longest documents. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Files for a collection come in one request. */
const MAX_UPLOAD_BYTES = 1024 * 1024 * 1024;
const UPLOAD_PATH = "/v1/documents";

export function bodyLimit(): MiddlewareHandler {
  // Of bodies that come in chunks: they are read whole, so an upload of this kind is small, too.
  const counting = countingLimit({
    maxSize: MAX_BODY_BYTES,
    onError: () => {
      throw tooLarge(MAX_BODY_BYTES);
    },
  });
  return (context, next) => {
    const { req } = context;
    const length = req.header("content-length");
    if (length === undefined)
      return req.header("transfer-encoding") === undefined ? next() : counting(context, next);
    const isUpload =
      req.path === UPLOAD_PATH && req.header("content-type")?.toLowerCase().startsWith("multipart/form-data");
    const most = isUpload ? MAX_UPLOAD_BYTES : MAX_BODY_BYTES;
    // What is no number Node has refused.
    if (Number(length) > most) throw tooLarge(most);
    return next();
  };
}

function tooLarge(most: number): RequestError {
  return new RequestError(`the body is larger than ${formatBytes(most)}: send less at once`, {
    status: 413,
    code: "body_too_large",
  });
}
