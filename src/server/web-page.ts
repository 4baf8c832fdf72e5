/** The page and its files, from the folder that `npm run build:web` makes; without it a page that says so. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { compress } from "hono/compress";

/** From src/server/ and dist/server/ alike. */
const WEB_FOLDER = fileURLToPath(new URL("../../web/dist", import.meta.url));

/** The build names these by their contents. */
const HASHED = "/assets/";

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Vikhr</title>
<h1>Vikhr</h1>
<p>The server runs; its page is not built yet. Run <code>npm run build:web</code>, and start the server again.
Programs can ask already: <a href="/openapi.json">/openapi.json</a> says how.
<p lang="ru">Сервер работает, но его страница ещё не собрана. Выполните <code>npm run build:web</code> и запустите сервер снова.
Программы уже могут обращаться: как, сказано в <a href="/openapi.json">/openapi.json</a>.
</html>
`;

export function webPage(folder = WEB_FOLDER): Hono {
  const app = new Hono();
  if (!existsSync(join(folder, "index.html"))) {
    app.get("/", (context) => context.html(NOT_BUILT));
    return app;
  }
  // Only files are compressed: events would wait in the compressor.
  app.get("*", compress({ encoding: "gzip" }), async (context, next) => {
    const response = await files(context, next);
    if (!(response instanceof Response)) return;
    const isHashed = context.req.path.startsWith(HASHED);
    response.headers.set("cache-control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
    return response;
  });
  const files = serveStatic({
    root: folder,
    precompressed: true,
    rewriteRequestPath: (path) => (path === "/docs" ? "/docs.html" : path),
  });
  return app;
}
