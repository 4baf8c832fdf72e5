/** What the tools and resources are made of: handed in by whoever opens models and collections. */
import type { Corpora } from "../rag/corpora.ts";
import type { GroundedOptions } from "../spec/grounding.ts";
import type { LanguageModel } from "../spec/language-model.ts";

export interface McpParts {
  corpora: Corpora;
  /** What answers; undefined: quotes. Asked at every question: it may open the model at the first. */
  model(): LanguageModel | undefined | Promise<LanguageModel | undefined>;
  /** How it writes. */
  sampling?: Omit<GroundedOptions, "signal">;
  version: string;
  /** Faults of ours: a client is told that there was one, and no more. */
  onFault(error: unknown): void;
}
