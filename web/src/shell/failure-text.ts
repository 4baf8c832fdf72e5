/** What went wrong, in the person's language; the server's own words where only it knows. */
import { RequestFailed } from "../api/client.ts";
import type { Texts } from "../language/en.ts";

export function failureText(
  texts: Texts,
  {
    failure,
    message,
    retryAfterSeconds,
  }: Pick<RequestFailed, "failure" | "message"> & { retryAfterSeconds?: number | undefined },
): string {
  switch (failure) {
    case "unreachable":
      return texts.failureUnreachable;
    case "unauthorized":
      return texts.failureUnauthorized;
    case "busy":
      return texts.failureBusy(retryAfterSeconds);
    case "too-long":
      return texts.failureTooLong;
    case "refused":
      return `${texts.failureRefused} ${message}`;
    case "server":
      return `${texts.failureServer} ${message}`;
  }
}

export function errorText(texts: Texts, error: unknown): string {
  return failureText(
    texts,
    error instanceof RequestFailed ? error : { failure: "server", message: (error as Error).message },
  );
}
