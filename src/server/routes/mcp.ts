/** `/mcp`: the Model Context Protocol over HTTP, by a handler that is handed in. */
import { OpenAPIHono } from "@hono/zod-openapi";
import { NotFoundError } from "../../errors.ts";
import type { ServerParts } from "../server-parts.ts";

export function mcpRoutes({ mcp }: ServerParts): OpenAPIHono {
  const app = new OpenAPIHono();
  app.on(["GET", "POST", "DELETE"], "/mcp", (context) => {
    if (!mcp) throw new NotFoundError("this server does not speak MCP");
    return mcp.handle(context.req.raw);
  });
  return app;
}
