/** What the middlewares need of Node's response behind a request; tests that ask the application itself have none. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Context, Next } from "hono";

interface Bindings {
  incoming?: IncomingMessage;
  outgoing?: ServerResponse;
}

export function nodeRequest(context: Context): IncomingMessage | undefined {
  return (context.env as Bindings | undefined)?.incoming;
}

export function nodeResponse(context: Context): ServerResponse | undefined {
  return (context.env as Bindings | undefined)?.outgoing;
}

/** Also of a response that is written past Hono, such as a stream. */
export function setHeader(context: Context, name: string, value: string): void {
  const response = nodeResponse(context);
  if (!response) context.header(name, value);
  else if (!response.headersSent) response.setHeader(name, value);
}

/** `end` is called once, when the last byte is sent or the client is gone. */
export async function nextThen(context: Context, next: Next, end: () => void): Promise<void> {
  const response = nodeResponse(context);
  if (response?.closed) end();
  else response?.once("close", end);
  await next();
  if (!response) end();
}
