/** A server of collections on a port of its own, for tests that kill it: prints the port, and what it throws away. */
import { serve } from "@hono/node-server";
import { Corpora } from "../../src/rag/corpora.ts";
import { createApp } from "../../src/server/create-app.ts";

const open = async (collection: Parameters<ConstructorParameters<typeof Corpora>[0]["open"]>[0]) => {
  const index = await collection.openIndex();
  return { index, close: () => index.close() };
};
const app = createApp({ model: () => undefined, corpora: new Corpora({ open }), isLocal: true });
serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => process.stdout.write(`${port}\n`));
