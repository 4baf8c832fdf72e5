/** The sum of two usages, for answers that take several generations. */
import type { Usage } from "../spec/language-model.ts";

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    reusedTokens: a.reusedTokens + b.reusedTokens,
  };
}
