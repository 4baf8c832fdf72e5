/** GET /openapi.json: what all routes take and give, made once. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { packageVersion } from "../util/package-version.ts";

/** Once all other routes are there. */
export function addOpenApiDocument(app: OpenAPIHono): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "apiKey", {
    type: "http",
    scheme: "bearer",
    description: "Where the server has keys. It tells so with 401.",
  });
  let text: string | undefined;
  app.get("/openapi.json", (context) => {
    text ??= JSON.stringify(
      app.getOpenAPI31Document({
        openapi: "3.1.0",
        info: {
          title: "Vikhr",
          version: packageVersion(),
          description:
            "Cited answers in Russian and English from your own documents. Errors have OpenAI's shape: {error: {message, type, param, code}}.",
        },
        servers: [{ url: "/" }],
        security: [{ apiKey: [] }],
      }),
    );
    return context.body(text, 200, { "content-type": "application/json" });
  });
}
