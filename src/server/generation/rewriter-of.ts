/** Which model makes a follow-up question self-contained before a collection is searched. */
import { SHIPPED_MODELS } from "../../engine/registry/registry.ts";
import type { LanguageModel } from "../../spec/language-model.ts";

/** The small models that ship can answer, and cannot rewrite a question. */
export function rewriterOf(model: LanguageModel | undefined): { rewriter?: LanguageModel } {
  return model && SHIPPED_MODELS.every(({ name }) => name !== model.name) ? { rewriter: model } : {};
}
