/** The parts of a server in, the application that answers HTTP requests with them out. Opens no model and no port. */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { NotFoundError } from "../errors.ts";
import { guard } from "./access/guard.ts";
import { checkBody } from "./check-body.ts";
import { refuseInvalid } from "./invalid-request.ts";
import { setHeader } from "./node-response.ts";
import { RequestError, toOpenAIError } from "./openai-error.ts";
import { addOpenApiDocument } from "./openapi-document.ts";
import { ask } from "./routes/ask.ts";
import { chatCompletions } from "./routes/chat-completions.ts";
import { cohereChat } from "./routes/cohere-chat.ts";
import { collectionRoutes } from "./routes/collections.ts";
import { completions } from "./routes/completions.ts";
import { documentRoutes } from "./routes/documents.ts";
import { embeddings } from "./routes/embeddings.ts";
import { healthRoutes } from "./routes/health.ts";
import { mcpRoutes } from "./routes/mcp.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { modelsRoutes } from "./routes/models.ts";
import { responses } from "./routes/responses.ts";
import type { ServerParts } from "./server-parts.ts";
import { surround } from "./surround.ts";
import { webPage } from "./web-page.ts";

/** A topic each. */
const ROUTES: readonly ((parts: ServerParts) => OpenAPIHono)[] = [
  ask,
  chatCompletions,
  completions,
  responses,
  embeddings,
  cohereChat,
  collectionRoutes,
  documentRoutes,
  mcpRoutes,
  modelsRoutes,
  healthRoutes,
  metricsRoutes,
];

export function createApp(parts: ServerParts): OpenAPIHono {
  const { metrics, log, models, access = {}, isLocal, isStopping } = parts;
  const app = new OpenAPIHono({ defaultHook: refuseInvalid });
  app.use(
    surround({ metrics, log, hold: models && (() => models.hold()) }),
    guard(access, isLocal, isStopping),
    checkBody(),
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
    context.get("reportFault")(error);
    return context.json(body, status as ContentfulStatusCode);
  });
  return app;
}
