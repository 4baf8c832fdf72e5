/** What a route's schema refused in, an error that names the field out. */
import type { ZodError } from "zod";
import { RequestError } from "./openai-error.ts";

type Checked = { success: true } | { success: false; error: ZodError };

/** For `defaultHook` of an OpenAPIHono. */
export function refuseInvalid(result: Checked): void {
  if (result.success) return;
  const issue = result.error.issues[0]!;
  const param = fieldPath(issue.path);
  throw new RequestError(param === "" ? issue.message : `${param}: ${issue.message}`, {
    param: param === "" ? null : param,
  });
}

/** `messages[0].content`. */
function fieldPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, i) => (typeof part === "number" ? `[${part}]` : `${i === 0 ? "" : "."}${String(part)}`))
    .join("");
}
