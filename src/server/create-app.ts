/** The parts of a server in, the application that answers HTTP requests with them out. Opens no model and no port. */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { NotFoundError } from "../errors.ts";
import type { Corpora } from "../rag/corpora.ts";
import type { LanguageModel } from "../spec/language-model.ts";
import { type AccessRules, guard } from "./access/guard.ts";
import { bodyLimit } from "./body-limit.ts";
import { refuseInvalid } from "./invalid-request.ts";
import type { Metrics } from "./metrics.ts";
import type { ModelHost } from "./model-host.ts";
import { setHeader } from "./node-response.ts";
import { RequestError, toOpenAIError } from "./openai-error.ts";
import { addOpenApiDocument } from "./openapi-document.ts";
import type { RequestLog } from "./request-log.ts";
import { healthRoutes } from "./routes/health.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { modelsRoutes } from "./routes/models.ts";
import { surround } from "./surround.ts";
import { webPage } from "./web-page.ts";

export interface ServerParts {
  /** What answers now; undefined: quotes. */
  model(): LanguageModel | undefined;
  corpora: Corpora;
  /**
   * The server runs for the person at this machine: paths of it may be read, models loaded. So it is where no keys are
   * set; routes ask `context.get("isLocal")`, which is also true for a key that may.
   */
  isLocal: boolean;
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

/** A topic each. */
const ROUTES: readonly ((parts: ServerParts) => OpenAPIHono)[] = [healthRoutes, metricsRoutes, modelsRoutes];

export function createApp(parts: ServerParts): OpenAPIHono {
  const { metrics, log, models, access = {}, isLocal, isStopping } = parts;
  const app = new OpenAPIHono({ defaultHook: refuseInvalid });
  app.use(
    surround({ metrics, log, hold: models && (() => models.hold()) }),
    guard(access, isLocal, isStopping),
    bodyLimit(),
  );
  for (const routes of ROUTES) app.route("/", routes(parts));
  addOpenApiDocument(app);
  app.route("/", webPage(parts.webFolder));
  app.notFound((context) => {
    const { status, body } = toOpenAIError(
      new NotFoundError(`there is nothing at ${context.req.method} ${context.req.path}`),
    );
    return context.json(body, status as ContentfulStatusCode);
  });
  app.onError((error, context) => {
    const { status, body } = toOpenAIError(error);
    if (status === 429 || status === 503)
      setHeader(context, "retry-after", String((error instanceof RequestError && error.retryAfter) || 1));
    if (status >= 500 && !(error instanceof RequestError)) log?.fault(context.get("requestId"), error);
    return context.json(body, status as ContentfulStatusCode);
  });
  return app;
}
