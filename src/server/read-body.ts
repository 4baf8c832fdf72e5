/** A request's body in, its bytes or its JSON out, bounded. Throws RequestError for what cannot be taken. */
import type { z } from "@hono/zod-openapi";
import { invalidField } from "./invalid-request.ts";
import { RequestError } from "./openai-error.ts";

/** Piece by piece. */
export async function* readBody(
  request: Request,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (Number(request.headers.get("content-length")) > maxBytes) throw tooLarge(maxBytes);
  if (!request.body) return;
  let bytes = 0;
  try {
    for await (const piece of request.body as ReadableStream<Uint8Array>) {
      bytes += piece.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      yield piece;
    }
  } catch (error) {
    if (error instanceof RequestError) throw error;
    throw new RequestError("the request ended before its body did: send it again");
  }
}

export async function readJson<T extends z.ZodType>(
  request: Request,
  schema: T,
  maxBytes: number,
): Promise<z.output<T>> {
  if (mediaType(request.headers.get("content-type")) !== "application/json") throw notJson();
  const pieces: Uint8Array[] = [];
  for await (const piece of readBody(request, maxBytes)) pieces.push(piece);
  return checked(schema, parse(Buffer.concat(pieces)));
}

/** Throws RequestError that names the field which is wrong. */
export function checked<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalidField(result.error);
}

export const notJson = () =>
  new RequestError("the body must be JSON: send it with the header Content-Type: application/json", {
    status: 415,
  });

/** Of a Content-Type, in lower case, without parameters. */
export function mediaType(contentType: string | null | undefined): string {
  return (contentType ?? "").split(";", 1)[0]!.trim().toLowerCase();
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new RequestError(`the body is no JSON: ${(error as Error).message.slice(0, 200)}`);
  }
}

function tooLarge(maxBytes: number): RequestError {
  return new RequestError(`the body has more than ${maxBytes} bytes, which are the most: send less at once`, {
    status: 413,
  });
}
