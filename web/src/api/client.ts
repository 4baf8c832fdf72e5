/** HTTP to the server that the page came from. Errors have its words; where it cannot be reached, that is said. */
import { readEventStream } from "./event-stream.ts";

export type Failure = "unreachable" | "unauthorized" | "busy" | "too-long" | "refused" | "server";

/** `message` is the server's, in English; the page says what `failure` means in the person's language. */
export class RequestFailed extends Error {
  readonly failure: Failure;
  /** Of a busy server. */
  readonly retryAfterSeconds: number | undefined;

  constructor(failure: Failure, message: string, retryAfterSeconds?: number) {
    super(message);
    this.name = "RequestFailed";
    this.failure = failure;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const KEY = "vikhr.api-key";

/** Ends with the tab: a key is not left behind on a machine. */
export const apiKey = {
  get: (): string => sessionStorage.getItem(KEY) ?? "",
  set: (key: string): void => sessionStorage.setItem(KEY, key),
};

export interface RequestOptions {
  method?: "GET" | "POST" | "DELETE";
  /** Sent as JSON, or as it is where it is a form. */
  body?: unknown;
  accept?: string;
  signal?: AbortSignal | undefined;
}

/** Throws RequestFailed, or what `signal` was aborted with. */
export async function send(path: string, options: RequestOptions = {}): Promise<Response> {
  const { body, method = body === undefined ? "GET" : "POST", accept = "application/json", signal } = options;
  const headers: Record<string, string> = { accept };
  const key = apiKey.get();
  if (key !== "") headers.authorization = `Bearer ${key}`;
  const isForm = body instanceof FormData;
  if (body !== undefined && !isForm) headers["content-type"] = "application/json";
  const response = await fetch(path, {
    method,
    headers,
    ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw new RequestFailed("unreachable", (error as Error).message);
  });
  if (!response.ok) throw await failureOf(response);
  return response;
}

export async function sendJson<T>(path: string, options?: RequestOptions): Promise<T> {
  return (await (await send(path, options)).json()) as T;
}

/** The events of the answer, their data parsed. An `error` event throws; a stream that breaks throws `unreachable`. */
export async function* sendForEvents(
  path: string,
  options: RequestOptions,
): AsyncGenerator<{ event: string; data: unknown }> {
  const response = await send(path, { ...options, accept: "text/event-stream" });
  try {
    for await (const { type: event, data } of readEventStream(response.body!)) {
      if (data === "[DONE]") return;
      const value: unknown = JSON.parse(data);
      const error = (value as { error?: { message?: string; type?: string; code?: string } } | null)?.error;
      if (event === "error" || error)
        throw new RequestFailed(failureKind(500, error?.code), error?.message ?? data);
      yield { event, data: value };
    }
  } catch (error) {
    if (error instanceof RequestFailed) throw error;
    options.signal?.throwIfAborted();
    throw new RequestFailed("unreachable", (error as Error).message);
  }
}

async function failureOf(response: Response): Promise<RequestFailed> {
  const body = (await response.json().catch(() => undefined)) as
    | { error?: { message?: string; code?: string | null } }
    | undefined;
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return new RequestFailed(
    failureKind(response.status, body?.error?.code),
    body?.error?.message ?? `${response.status} ${response.statusText}`,
    Number.isFinite(seconds) ? seconds : undefined,
  );
}

function failureKind(status: number, code: string | null | undefined): Failure {
  if (code === "context_length_exceeded") return "too-long";
  if (status === 401) return "unauthorized";
  if (status === 429) return "busy";
  return status >= 500 ? "server" : "refused";
}
