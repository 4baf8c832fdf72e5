/** What is open beside the conversation: a passage that was read, what of it is cited, or a whole document. */
import type { CitationSource, Hit } from "../api/wire.ts";

export interface OpenSource {
  collection: string;
  hit: Hit;
  /** The cited place; without one the passage is meant. */
  source?: CitationSource;
  /** Where it was opened: the turn, and the number in it. */
  turn?: string;
  number?: number;
}
