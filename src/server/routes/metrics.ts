/** GET /metrics, for Prometheus. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { NotFoundError } from "../../errors.ts";
import type { ServerParts } from "../server-parts.ts";

const metricsRoute = createRoute({
  method: "get",
  path: "/metrics",
  summary: "Counters for Prometheus",
  description: "Requests, queue, tokens, time to first token, cache reuse, memory.",
  responses: { 200: { description: "the text format", content: { "text/plain": { schema: z.string() } } } },
});

export function metricsRoutes({ metrics }: ServerParts): OpenAPIHono {
  const app = new OpenAPIHono();
  app.openapi(metricsRoute, async (context) => {
    if (!metrics) throw new NotFoundError("this server counts nothing");
    return context.text(await metrics.text(), 200, { "content-type": metrics.contentType });
  });
  return app;
}
