/** /v1/collections: which there are, a new one, one of them, one less. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { NotFoundError, VikhrError } from "../../errors.ts";
import type { Corpora } from "../../rag/corpora.ts";
import { toOpenAIError } from "../openai-error.ts";
import { readJson } from "../read-body.ts";
import type { ServerParts } from "../server-parts.ts";
import {
  collectionListSchema,
  collectionSchema,
  deletedCollectionSchema,
  newCollectionSchema,
} from "../wire/collections.ts";
import { errorResponse } from "../wire/openapi.ts";

const MAX_BODY_BYTES = 64 * 1024;

const tags = ["Collections"];
const params = z.object({ id: z.string() });
const json = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: { "application/json": { schema } },
});

const listRoute = createRoute({
  method: "get",
  path: "/v1/collections",
  tags,
  summary: "List collections",
  description:
    "All collections of the server, in the order of their names. One that cannot be opened says so in `problem`.",
  responses: { 200: json("The collections", collectionListSchema), default: errorResponse },
});

const createCollectionRoute = createRoute({
  method: "post",
  path: "/v1/collections",
  tags,
  summary: "Make a collection",
  description: "An empty one, searched by words. 409 where there is one of that name.",
  request: { body: { required: true, content: { "application/json": { schema: newCollectionSchema } } } },
  responses: { 201: json("The collection", collectionSchema), default: errorResponse },
});

const getRoute = createRoute({
  method: "get",
  path: "/v1/collections/{id}",
  tags,
  summary: "One collection",
  description: "How many documents are in it, and where they come from.",
  request: { params },
  responses: { 200: json("The collection", collectionSchema), default: errorResponse },
});

const deleteRoute = createRoute({
  method: "delete",
  path: "/v1/collections/{id}",
  tags,
  summary: "Delete a collection",
  description:
    "With its index and what was uploaded; linked files stay where they are. 409 while documents are being added to it.",
  request: { params },
  responses: { 200: json("It is gone", deletedCollectionSchema), default: errorResponse },
});

export function collectionRoutes({ corpora, log }: Pick<ServerParts, "corpora" | "log">): OpenAPIHono {
  const app = new OpenAPIHono();
  app.openapi(listRoute, async (context) => {
    const data: z.infer<typeof collectionSchema>[] = [];
    for (const name of corpora.names())
      try {
        data.push(await collectionJson(corpora, name));
      } catch (error) {
        // Deleted while the others were looked at.
        if (error instanceof NotFoundError) continue;
        if (!(error instanceof VikhrError)) log?.fault(`collection ${name}`, error);
        data.push(problemJson(name, error));
      }
    return context.json({ object: "list" as const, data }, 200);
  });
  // Not by `openapi`, which would read a body of any length.
  app.openAPIRegistry.registerPath(createCollectionRoute);
  app.post(createCollectionRoute.getRoutingPath(), async (context) => {
    const { name } = await readJson(context.req.raw, newCollectionSchema, MAX_BODY_BYTES);
    const collection = await corpora.create(name);
    return context.json(await collectionJson(corpora, collection.name), 201);
  });
  app.openapi(getRoute, async (context) =>
    context.json(await collectionJson(corpora, context.req.valid("param").id), 200),
  );
  app.openapi(deleteRoute, async (context) => {
    const { id } = context.req.valid("param");
    await corpora.delete(id);
    return context.json({ id, object: "collection.deleted" as const, deleted: true as const }, 200);
  });
  return app;
}

async function collectionJson(corpora: Corpora, id: string): Promise<z.infer<typeof collectionSchema>> {
  const collection = corpora.collection(id);
  const { sources, embedding } = collection.contents();
  const uploads = collection.uploads().location;
  return {
    id: collection.name,
    object: "collection",
    documents: (await corpora.documents(id)).length,
    sources: sources.flatMap(({ location }) => (location === uploads ? [] : [location])),
    embedding: embedding?.model ?? null,
  };
}

/** One that is damaged does not hide the others. */
function problemJson(id: string, error: unknown): z.infer<typeof collectionSchema> {
  const problem = toOpenAIError(error).body.error.message;
  return { id, object: "collection", documents: 0, sources: [], embedding: null, problem };
}
