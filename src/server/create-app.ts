/** The parts of a server in, the application that answers HTTP requests with them out. Opens no model and no port. */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { NotFoundError } from "../errors.ts";
import { toOpenAIError } from "./openai-error.ts";
import { ask } from "./routes/ask.ts";
import { chatCompletions } from "./routes/chat-completions.ts";
import { cohereChat } from "./routes/cohere-chat.ts";
import { completions } from "./routes/completions.ts";
import { embeddings } from "./routes/embeddings.ts";
import { responses } from "./routes/responses.ts";
import type { ServerParts } from "./server-parts.ts";

/** Each adds the routes of one topic. */
const ROUTES = [ask, chatCompletions, completions, embeddings, responses, cohereChat];

export function createApp(parts: ServerParts): OpenAPIHono {
  const app = new OpenAPIHono();
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
  for (const routes of ROUTES) app.route("/", routes(parts));
  return app;
}
