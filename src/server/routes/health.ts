/** GET /health: whether it answers, for people and for what watches servers. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { packageVersion } from "../../util/package-version.ts";
import type { ServerParts } from "../server-parts.ts";

const healthSchema = z
  .object({
    status: z.enum(["ok", "loading", "stopping"]),
    version: z.string(),
    model: z.string().nullable().openapi({ description: "null: answers are quotes" }),
    is_local: z
      .boolean()
      .openapi({ description: "paths of the server's machine may be added, models loaded" }),
  })
  .openapi("Health");

const content = { "application/json": { schema: healthSchema } };

const healthRoute = createRoute({
  method: "get",
  path: "/health",
  summary: "Whether it answers",
  description: "Needs no key. 503 while a model is being loaded, and while the server stops.",
  security: [],
  responses: { 200: { description: "it answers", content }, 503: { description: "not now", content } },
});

export function healthRoutes({ model, models, isStopping }: ServerParts): OpenAPIHono {
  const version = packageVersion();
  const app = new OpenAPIHono();
  app.openapi(healthRoute, (context) => {
    const isReady = models?.isReady ?? true;
    const status = isStopping?.() ? "stopping" : isReady ? "ok" : "loading";
    const name = isReady ? (model()?.name ?? null) : null;
    const body = { status, version, model: name, is_local: context.get("isLocal") } as const;
    return context.json(body, status === "ok" ? 200 : 503);
  });
  return app;
}
