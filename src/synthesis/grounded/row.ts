/** One grounded dialogue on disk: what trains and what scores, snake_case as other rows. */
import type { MessagesRow } from "../../spec/dataset.ts";
import type { GroundedKind, Language } from "./options.ts";

export interface GroundedRow extends MessagesRow {
  /** Rows with the same documents, byte for byte, and nothing else share it. */
  cluster: string;
  kind: GroundedKind;
  language: Language;
  /** Ascending; also what the first assistant turn says. */
  relevant_doc_ids: number[];
  /** How many documents the dialogue has; 0 in chat. */
  document_count: number;
  /** What a right answer must hold: canonical spellings, all of them. Empty for refusals and chat. */
  value: string[];
  /** For each of `value`, the spellings that count, case forms among them. */
  value_forms: string[][];
  /** For yes-no: which of the two opens a right answer. */
  polarity?: "yes" | "no";
}
