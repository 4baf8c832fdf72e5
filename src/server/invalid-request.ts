/** What a route's schema refused in, an error that names the field out. */
import type { z } from "zod";
import { RequestError } from "./openai-error.ts";

type Checked = { success: true } | { success: false; error: z.core.$ZodError };

const MAX_PARAM_CHARACTERS = 200;

/** For `defaultHook` of an OpenAPIHono. */
export function refuseInvalid(result: Checked): void {
  if (!result.success) throw invalidField(result.error);
}

export function invalidField({ issues }: Pick<z.core.$ZodError, "issues">): RequestError {
  const { path, message } = deepest(issues[0]!);
  const param = fieldPath(path).slice(0, MAX_PARAM_CHARACTERS);
  return new RequestError(param === "" ? message : `${param}: ${message}`, {
    param: param === "" ? null : param,
  });
}

interface Fault {
  path: PropertyKey[];
  message: string;
}

/** Of a union, what is wrong with the alternative that came furthest; where none did, what each of them wants. */
function deepest(issue: z.core.$ZodIssue): Fault {
  if (issue.code !== "invalid_union") return issue;
  const faults = issue.errors.flatMap((issues) => issues.slice(0, 1).map(deepest));
  const furthest = faults.toSorted((a, b) => b.path.length - a.path.length)[0];
  if (furthest && furthest.path.length > 0)
    return { path: [...issue.path, ...furthest.path], message: furthest.message };
  const wanted = new Set(faults.map(({ message }) => message));
  return { path: issue.path, message: [...wanted].join(", or: ") || issue.message };
}

/** `messages[0].content`. */
function fieldPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, i) => (typeof part === "number" ? `[${part}]` : `${i === 0 ? "" : "."}${String(part)}`))
    .join("");
}
