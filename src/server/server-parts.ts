/** What a server is made of; handed in, so that no route opens a model or knows where one runs. */
import type { Corpora } from "../rag/corpora.ts";
import type { EmbeddingModel } from "../spec/embedding-model.ts";
import type { LanguageModel } from "../spec/language-model.ts";

export interface ServerParts {
  /** What answers now; undefined: quotes. */
  model(): LanguageModel | undefined;
  /** Gives vectors to clients; undefined: none does. */
  embedding?: () => Promise<EmbeddingModel>;
  corpora: Corpora;
  /** The server runs for the person at this machine: paths of it may be read, models loaded. */
  isLocal: boolean;
}
