/** An error of a call to a model -> the kind of failure that a report counts, or nothing where all calls would fail alike. */
import { ContextOverflowError, CutAnswerError, UnavailableError, VikhrError } from "../../errors.ts";

export type CallFailure =
  | "cut-stream"
  | "http-429"
  | "http-4xx"
  | "http-5xx"
  | "no-connection"
  | "context-overflow"
  | "failed";

/** What is wrong with a judgment that came: `endless` is cut, without a label. */
export type LabelFailure = "no-label" | "two-labels" | "unknown-label" | "endless" | "wrong-language";

/** No key, a wrong key, no such model or address: the next call would meet the same. */
const SENSELESS = new Set([401, 403, 404]);

/** undefined: not this call's own, and the run ends with it. */
export function failureOf(error: unknown): CallFailure | undefined {
  if (!(error instanceof VikhrError)) return undefined;
  const { serverStatus: status } = error;
  if (status !== undefined) {
    if (SENSELESS.has(status)) return undefined;
    if (status === 429) return "http-429";
    return status >= 500 ? "http-5xx" : "http-4xx";
  }
  if (error instanceof ContextOverflowError) return "context-overflow";
  if (error instanceof CutAnswerError) return "cut-stream";
  return error instanceof UnavailableError ? "no-connection" : "failed";
}
