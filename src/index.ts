/** What the package offers to programs: models, grounded answers over documents, citations. */
export { type EmbeddedOptions, openEmbedded } from "./engine/embedded/open-embedded.ts";
export { openRemote, type RemoteOptions } from "./engine/remote/open-remote.ts";
export { ContextOverflowError, EXIT, InputError, VikhrError } from "./errors.ts";
export { answerGrounded } from "./grounding/answer-grounded.ts";
export { citeAnswer } from "./grounding/cite.ts";
export { parseDocuments } from "./grounding/parse-documents.ts";
export { answerWithQuotes } from "./grounding/quotes/answer-with-quotes.ts";
export type { Citation, CitationSource, GroundingDocument, Span } from "./spec/document.ts";
export {
  GROUNDED_SYSTEM_PROMPT,
  type GroundedAnswer,
  type GroundedAnswerer,
  type GroundedEvent,
  type GroundedOptions,
  MAX_DOCUMENT_CHARACTERS,
} from "./spec/grounding.ts";
export type {
  FinishReason,
  GenerateChunk,
  GeneratedToken,
  GenerateOptions,
  LanguageModel,
  Prompt,
  TokenLogprob,
  Usage,
} from "./spec/language-model.ts";
export type { Message, Segment } from "./spec/message.ts";
