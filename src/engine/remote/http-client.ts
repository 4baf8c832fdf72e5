/**
 * HTTP to one OpenAI-compatible server: JSON in, JSON or a stream of events out; key, timeouts, retries, and every
 * failure as an error of ours. Knows nothing of what is asked.
 */
import { CutAnswerError, UnavailableError, VikhrError } from "../../errors.ts";
import { LinkedAbort } from "../linked-abort.ts";
import { retryAfter, retrying } from "../retrying.ts";
import { parseSse, type ServerSentEvent } from "./parse-sse.ts";
import { connectionError, type ServerPlace, serverError, settingsOf } from "./server-error.ts";

export interface HttpSettings {
  fetch: typeof fetch;
  /** In milliseconds: for what is answered at once. */
  connectTimeout: number;
  /** In milliseconds: from a request for a completion to the first event, prefill included. */
  firstTokenTimeout: number;
  /** In milliseconds: between events. */
  tokenTimeout: number;
  retries: number;
}

const MAX_JSON_BYTES = 64 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;

export class HttpClient {
  readonly #place: ServerPlace;
  readonly #settings: HttpSettings;

  /** `place` may learn the context size later on. */
  constructor(place: ServerPlace, settings: HttpSettings) {
    this.#place = place;
    this.#settings = settings;
  }

  /** POST -> JSON, in its own time. */
  json(path: string, body: unknown, signal: AbortSignal, timeout: number): Promise<unknown> {
    return this.#json(path, body, { signal, timeout, retries: this.#settings.retries });
  }

  /**
   * For what is answered at once; GET without a body. `path` follows the base URL; a whole URL is taken as it is.
   * Tried twice at most: who waits for a wrong address should not wait long.
   */
  quickly(path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    const { connectTimeout: timeout, retries } = this.#settings;
    return this.#json(path, body, { signal, timeout, retries: Math.min(1, retries) });
  }

  /**
   * POST -> events. What fails before the first event is tried again; nothing is after it. Leaving the loop ends
   * the connection, by which servers know to stop.
   */
  async *events(
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): AsyncGenerator<ServerSentEvent, void, undefined> {
    const { first, rest } = await retrying(
      async () => {
        const rest = this.#attempt(path, body, signal);
        const first = await rest.next();
        if (first.done) throw connectionError(this.#place, new Error("the answer was empty"));
        return { first, rest };
      },
      { retries: this.#settings.retries, signal },
    );
    try {
      yield first.value;
      yield* rest;
    } finally {
      await rest.return();
    }
  }

  /** An error that names the server. */
  fault(what: string, cause?: unknown): VikhrError {
    return new VikhrError(`${this.#place.baseUrl}: ${what}`, { cause });
  }

  /** An answer that began and did not end. */
  cut(what: string, cause?: unknown): CutAnswerError {
    return new CutAnswerError(`${this.#place.baseUrl}: ${what}`, { cause });
  }

  /** An error object that came within a stream; its code is an HTTP status at best. */
  errorInStream(data: string, code: unknown): VikhrError {
    const status = typeof code === "number" && code >= 400 && code < 600 ? code : 500;
    return serverError(this.#place, status, data);
  }

  #json(
    path: string,
    body: unknown,
    { signal, timeout, retries }: { signal: AbortSignal; timeout: number; retries: number },
  ): Promise<unknown> {
    const attempt = () =>
      this.#limited(signal, async (both, within) => {
        const response = await within(timeout, this.#send(path, body, both));
        const text = await within(timeout, this.#text(response, MAX_JSON_BYTES));
        try {
          return JSON.parse(text) as unknown;
        } catch (cause) {
          throw this.fault(`the answer is not JSON: check ${settingsOf(this.#place).baseUrl}`, cause);
        }
      });
    return retrying(attempt, { retries, signal });
  }

  async *#attempt(
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): AsyncGenerator<ServerSentEvent, void, undefined> {
    const { firstTokenTimeout, tokenTimeout } = this.#settings;
    const linked = new LinkedAbort(signal);
    const both = linked.signal;
    let patience = firstTokenTimeout;
    try {
      const response = await this.#within(patience, this.#send(path, body, both), both);
      const events = parseSse(await this.#streamOf(response));
      while (true) {
        const next = await this.#within(patience, events.next(), both).catch((error: unknown) => {
          throw this.#broken(error, both, patience === firstTokenTimeout);
        });
        if (next.done) return;
        patience = tokenTimeout;
        yield next.value;
      }
    } finally {
      linked.end();
    }
  }

  async #streamOf(response: Response): Promise<AsyncIterable<Uint8Array>> {
    if (/json/i.test(response.headers.get("content-type") ?? "")) {
      const text = await this.#text(response, MAX_ERROR_BYTES);
      if (/"error"/.test(text)) throw this.errorInStream(text, undefined);
      throw this.fault("the server does not stream its answers, and that is needed");
    }
    if (!response.body) throw this.fault("the server sent no answer");
    return response.body;
  }

  async #send(path: string, body: unknown, signal: AbortSignal): Promise<Response> {
    const { baseUrl, apiKey } = this.#place;
    let response: Response;
    try {
      response = await this.#settings.fetch(/^https?:/.test(path) ? path : baseUrl + path, {
        method: body === undefined ? "GET" : "POST",
        headers: {
          accept: "application/json, text/event-stream",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // A redirect would carry prompts, and perhaps the key, to a server that the user did not name.
        redirect: "manual",
        signal,
      });
    } catch (cause) {
      signal.throwIfAborted();
      throw connectionError(this.#place, cause);
    }
    if (response.ok) return response;
    const said = await this.#text(response, MAX_ERROR_BYTES).catch(() => "");
    throw serverError(this.#place, response.status, said, retryAfter(response.headers.get("retry-after")));
  }

  async #text(response: Response, maxBytes: number): Promise<string> {
    const decoder = new TextDecoder("utf-8");
    let text = "";
    let bytes = 0;
    try {
      for await (const piece of response.body ?? []) {
        bytes += piece.length;
        if (bytes > maxBytes) throw this.fault(`the answer has more than ${maxBytes} bytes`);
        text += decoder.decode(piece, { stream: true });
      }
    } catch (cause) {
      throw cause instanceof VikhrError ? cause : connectionError(this.#place, cause);
    }
    return text + decoder.decode();
  }

  /** While waiting for an event: an abort stays what it is, a timeout too, all else is a connection that was cut. */
  #broken(error: unknown, signal: AbortSignal, nothingYet: boolean): unknown {
    if (error instanceof VikhrError) return error;
    if (signal.aborted) return signal.reason;
    return nothingYet
      ? connectionError(this.#place, error)
      : this.cut("the connection was cut in the middle of the answer: ask again", error);
  }

  /** Runs `work` with a signal that ends with it, also where it ends by a timeout. */
  async #limited<T>(
    signal: AbortSignal,
    work: (
      signal: AbortSignal,
      within: <R>(milliseconds: number, promise: Promise<R>) => Promise<R>,
    ) => Promise<T>,
  ): Promise<T> {
    const linked = new LinkedAbort(signal);
    const both = linked.signal;
    try {
      return await work(both, (milliseconds, promise) => this.#within(milliseconds, promise, both));
    } finally {
      linked.end();
    }
  }

  /** The promise, or an error once the time is up or the signal aborts, whether the promise heeds it or not. */
  #within<T>(milliseconds: number, promise: Promise<T>, signal: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const tooLate = () =>
        reject(
          new UnavailableError(
            `${this.#place.baseUrl}: nothing came from the server for ${milliseconds / 1000} seconds: see whether it is stuck, or allow more time`,
          ),
        );
      const timer = setTimeout(tooLate, milliseconds);
      const onAbort = () => reject(signal.reason);
      const settled = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
      };
      promise.then(resolve, reject).finally(settled);
      if (signal.aborted) onAbort();
      else signal.addEventListener("abort", onAbort, { once: true });
    });
  }
}
