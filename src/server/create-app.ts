/** The parts of a server in, the application that answers HTTP requests with them out. Opens no model and no port. */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { NotFoundError } from "../errors.ts";
import type { Corpora } from "../rag/corpora.ts";
import type { LanguageModel } from "../spec/language-model.ts";
import { toOpenAIError } from "./openai-error.ts";
import { invalidField } from "./read-body.ts";
import { collectionRoutes } from "./routes/collections.ts";
import { documentRoutes } from "./routes/documents.ts";

export interface ServerParts {
  /** What answers now; undefined: quotes. */
  model(): LanguageModel | undefined;
  corpora: Corpora;
  /** The server runs for the person at this machine: paths of it may be read, models loaded. */
  isLocal: boolean;
  /** Of one request that adds documents. Default 256 MiB. */
  maxUploadBytes?: number;
}

export function createApp(parts: ServerParts): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) throw invalidField(result.error);
    },
  });
  app.route("/", collectionRoutes(parts));
  app.route("/", documentRoutes(parts));
  app.notFound((context) => {
    const { status, body } = toOpenAIError(
      new NotFoundError(`there is nothing at ${context.req.method} ${context.req.path}`),
    );
    return context.json(body, status as ContentfulStatusCode);
  });
  app.onError((error, context) => {
    const { status, body } = toOpenAIError(error);
    return context.json(body, status as ContentfulStatusCode);
  });
  return app;
}
