/** What a server is made of; handed in, so that no route opens a model or knows where one runs. */
import type { Corpora } from "../rag/corpora.ts";
import type { EmbeddingModel } from "../spec/embedding-model.ts";
import type { LanguageModel } from "../spec/language-model.ts";
import type { AccessRules } from "./access/guard.ts";
import type { Metrics } from "./metrics.ts";
import type { ModelHost } from "./model-host.ts";
import type { RequestLog } from "./request-log.ts";

export interface ServerParts {
  /** What answers now; undefined: quotes. */
  model(): LanguageModel | undefined;
  /** Gives vectors to clients. Default: none does. */
  embedding?: () => Promise<EmbeddingModel>;
  corpora: Corpora;
  /**
   * The server runs for the person at this machine: paths of it may be read, models loaded. So it is where no keys are
   * set; routes ask `context.get("isLocal")`, which is also true for a key that may.
   */
  isLocal: boolean;
  /** Bytes of one request that adds documents. Default 256 MiB. */
  maxUploadBytes?: number;
  /** Answers requests of the Model Context Protocol. Default: none. */
  mcp?: { handle(request: Request): Promise<Response> };
  /** Exchanges the model. Default: it stays. */
  models?: ModelHost;
  /** The collection of requests that name none. Default: DEFAULT_COLLECTION. */
  collection?: string;
  /** Default: everybody may ask. */
  access?: AccessRules;
  metrics?: Metrics;
  log?: RequestLog;
  /** The built page. Default: that of this package. */
  webFolder?: string;
  /** True once the server takes no new requests. */
  isStopping?: () => boolean;
}
