/** What the package offers to programs: models, grounded answers over documents and folders, search, citations. */
export { chunkDocument } from "./chunking/chunk-document.ts";
export { DocumentReader } from "./documents/document-reader.ts";
export { type EmbeddedOptions, openEmbedded } from "./engine/embedded/open-embedded.ts";
export { openEmbeddedEmbedding } from "./engine/embedded/pooled/open-embedding.ts";
export { type EmbeddedRewardOptions, openEmbeddedReward } from "./engine/embedded/pooled/open-reward.ts";
export { openRemote, type RemoteOptions } from "./engine/remote/open-remote.ts";
export { openRemoteEmbedding } from "./engine/remote/open-remote-embedding.ts";
export { openRouted, type RoutedOptions } from "./engine/routing/open-routed.ts";
export {
  ContextOverflowError,
  EXIT,
  InputError,
  OverloadedError,
  UnavailableError,
  VikhrError,
} from "./errors.ts";
export { answerGrounded } from "./grounding/answer-grounded.ts";
export { citeAnswer } from "./grounding/cite.ts";
export { parseDocuments } from "./grounding/parse-documents.ts";
export { answerWithPassages, answerWithQuotes } from "./grounding/quotes/answer-with-quotes.ts";
export type { ChunkFilter, ChunkIndex } from "./index/chunk-index.ts";
export { Collection, collectionsFolder, type LinkedSource } from "./index/collections.ts";
export { openLanceIndex } from "./index/lance-index.ts";
export { MemoryIndex } from "./index/memory-index.ts";
export { type SyncOptions, type SyncResult, syncIndex } from "./index/sync.ts";
export {
  answerFromCorpus,
  type CorpusAnswer,
  type CorpusEvent,
  type CorpusOptions,
  type Reference,
  referenceOf,
} from "./rag/answer.ts";
export { type Hit, type SearchOptions, search } from "./retrieval/search.ts";
export type {
  Chunk,
  Citation,
  CitationSource,
  Document,
  GroundingDocument,
  Span,
  TextFormat,
} from "./spec/document.ts";
export type { EmbeddingModel, EmbedOptions } from "./spec/embedding-model.ts";
export {
  GROUNDED_SYSTEM_PROMPT,
  type GroundedAnswer,
  type GroundedAnswerer,
  type GroundedEvent,
  type GroundedOptions,
  MAX_DOCUMENT_CHARACTERS,
} from "./spec/grounding.ts";
export type {
  Alternative,
  BeamSearchOptions,
  FinishReason,
  GenerateChunk,
  GeneratedToken,
  GenerateOptions,
  LanguageModel,
  Prompt,
  ScoreOptions,
  TokenLogprob,
  Usage,
} from "./spec/language-model.ts";
export type { Message, Segment } from "./spec/message.ts";
export type { RewardModel } from "./spec/reward-model.ts";
export { type MapConcurrentlyOptions, mapConcurrently } from "./util/map-concurrently.ts";
