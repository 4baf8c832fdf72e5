/** The grounded protocol as callers see it: its fixed prompt and limits, what an answer holds, and how it streams. */
import type { Citation, GroundingDocument } from "./document.ts";
import type { BeamSearchOptions, FinishReason, Usage } from "./language-model.ts";
import type { Message } from "./message.ts";

/** The system prompt that switches Vikhr models to grounded mode: verbatim, whatever the language of the question. */
export const GROUNDED_SYSTEM_PROMPT =
  "Your task is to answer the user's questions using only the information from the provided documents. Give two answers to each question: one with a list of relevant document identifiers and the second with the answer to the question itself, using documents with these identifiers.";

/** What is said where no document answers. */
export const REFUSALS = {
  ru: "В предоставленных документах нет ответа на этот вопрос.",
  en: "The documents provided do not answer this question.",
} as const;

/** Longest `content` of one document, in UTF-16 code units: what the models were trained with. Longer ones are chunked. */
export const MAX_DOCUMENT_CHARACTERS = 4000;

/** Most documents in one prompt: the models know the identifiers 0..5. */
export const MAX_PROMPT_DOCUMENTS = 6;

export interface GroundedAnswer {
  /** Ascending. Empty: nothing relevant was found, and `answer` says so. */
  relevantDocIds: number[];
  /** Probability of relevance of every document given, in the order given. */
  relevance: Map<number, number>;
  /** What the `text` events spelled, joined. */
  answer: string;
  /** Sentences of `answer` and what supports them; empty for a refusal. */
  citations: Citation[];
  /** `length` where `maxTokens` cut the answer, `aborted` where the caller did. */
  finishReason: FinishReason;
  /** Both steps together; zeros where no model was asked. */
  usage: Usage;
}

/** `relevant` once, then any number of `text`, then `done` once. */
export type GroundedEvent =
  | { type: "relevant"; relevantDocIds: number[]; relevance: Map<number, number> }
  | { type: "text"; text: string }
  | { type: "done"; answer: GroundedAnswer };

export interface GroundedOptions {
  /** Of the answer; the documents are always chosen at 0. Default 0.3. */
  temperature?: number;
  /** Same seed and input: same answer on the same machine. Default: drawn at random. */
  seed?: number;
  /** Of the answer, too: the likeliest text instead of a drawn one. */
  beamSearch?: BeamSearchOptions;
  /** Longest answer, in tokens. Default 2048. */
  maxTokens?: number;
  /** Before the first event an abort throws the signal's reason; after it, the answer so far is `done`. */
  signal?: AbortSignal;
}

/** A question, or a dialogue whose last message is the user's; with the documents that may be used. */
export type GroundedAnswerer = (
  question: string | readonly Message[],
  documents: readonly GroundingDocument[],
  options?: GroundedOptions,
) => AsyncIterable<GroundedEvent>;
