/** A model that rates completions of a prompt, as people prefer them. */
import type { Prompt } from "./language-model.ts";

export interface RewardModel {
  /** Tells it from others: rewards of two models cannot be compared. */
  readonly name: string;
  /**
   * A number without bounds, higher is better; only differences between completions of one prompt mean something. Calls at
   * the same time are evaluated together, and the beginning that they share once: `mapConcurrently` for many of them.
   */
  score(prompt: Prompt, completion: string, options?: { signal?: AbortSignal | undefined }): Promise<number>;
  close(): Promise<void>;
}
