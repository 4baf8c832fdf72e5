/** /v1/documents: those of a collection, new ones, one of them, one less; and search. */
import { createRoute, OpenAPIHono, type z } from "@hono/zod-openapi";
import { isAddress } from "../../documents/fetch-page.ts";
import { ConflictError, NotFoundError } from "../../errors.ts";
import { DEFAULT_COLLECTION } from "../../index/collections.ts";
import type { SyncProgress } from "../../index/sync.ts";
import type { Corpora } from "../../rag/corpora.ts";
import { checkPlace } from "../../rag/read-again.ts";
import { search } from "../../retrieval/search.ts";
import { eventStream } from "../event-stream.ts";
import { checked, readJson } from "../read-body.ts";
import { receiveDocuments } from "../receive-documents.ts";
import { sendFile } from "../send-file.ts";
import type { ServerParts } from "../server-parts.ts";
import { toChunkFilter } from "../wire/chunk-filter.ts";
import {
  collectionQuery,
  deletedDocumentSchema,
  documentJson,
  documentListSchema,
  documentParams,
  documentTextSchema,
  filesSchema,
  hitListSchema,
  newDocumentsSchema,
  progressJson,
  searchSchema,
  sourceQuery,
  syncResultSchema,
} from "../wire/documents-api.ts";
import { hitJson } from "../wire/hit.ts";
import { errorResponse } from "../wire/openapi.ts";

const DEFAULT_MAX_UPLOAD_BYTES = 256 * 1024 * 1024;
const MAX_SEARCH_BYTES = 1024 * 1024;

/** Milliseconds between two events of progress. */
const PROGRESS_INTERVAL = 100;

const tags = ["Documents"];
const json = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: { "application/json": { schema } },
});

const listRoute = createRoute({
  method: "get",
  path: "/v1/documents",
  tags,
  summary: "List documents",
  description: "All documents of a collection, in the order of their sources.",
  request: { query: collectionQuery },
  responses: { 200: json("The documents", documentListSchema), default: errorResponse },
});

const addRoute = createRoute({
  method: "post",
  path: "/v1/documents",
  tags,
  summary: "Add documents",
  description:
    "Files (multipart/form-data, any number in `file`), texts, or, where the server runs for its own user, paths and " +
    "addresses, which stay linked. A file takes the place of an uploaded one of its name. Names with paths, of more than " +
    "255 bytes, or that another system could not keep are refused, with all of the request. The answer comes when all is " +
    "read; a client that goes away meanwhile does not stop it. With `Accept: text/event-stream`: events `progress` " +
    "(files, total_files, bytes, total_bytes, chunks), then `done` (the answer) or `error`. Two requests at once wait for " +
    "each other; 409 while another program writes the collection. The collection `default` is made where it is missing.",
  request: {
    query: collectionQuery,
    body: {
      required: true,
      content: {
        "multipart/form-data": { schema: filesSchema },
        "application/json": { schema: newDocumentsSchema },
      },
    },
  },
  responses: {
    200: {
      description: "What was done",
      content: {
        "application/json": { schema: syncResultSchema },
        "text/event-stream": { schema: { type: "string" } },
      },
    },
    default: errorResponse,
  },
});

const removeSourceRoute = createRoute({
  method: "delete",
  path: "/v1/documents",
  tags,
  summary: "Unlink a source",
  description: "Takes out what was added as this path, pattern or address. The files stay where they are.",
  request: { query: sourceQuery },
  responses: { 200: json("What was done", syncResultSchema), default: errorResponse },
});

const getRoute = createRoute({
  method: "get",
  path: "/v1/documents/{id}",
  tags,
  summary: "Read a document",
  description: "With its text, read anew from its file or address.",
  request: { params: documentParams, query: collectionQuery },
  responses: { 200: json("The document", documentTextSchema), default: errorResponse },
});

const fileRoute = createRoute({
  method: "get",
  path: "/v1/documents/{id}/file",
  tags,
  summary: "A document's file",
  description:
    "Its bytes. PDF, DOCX and EPUB have their own type, all else is text/plain: nothing in it runs in a browser. Takes `Range`.",
  request: { params: documentParams, query: collectionQuery },
  responses: {
    200: {
      description: "The file",
      content: { "application/octet-stream": { schema: { type: "string", format: "binary" } } },
    },
    default: errorResponse,
  },
});

const removeRoute = createRoute({
  method: "delete",
  path: "/v1/documents/{id}",
  tags,
  summary: "Delete a document",
  description: "An uploaded one, with its file. 409 for a file that is linked: its source can be unlinked.",
  request: { params: documentParams, query: collectionQuery },
  responses: { 200: json("It is gone", deletedDocumentSchema), default: errorResponse },
});

const searchRoute = createRoute({
  method: "post",
  path: "/v1/documents/search",
  tags,
  summary: "Search",
  description: "The best passages for a query, by words, and by meaning where the collection has vectors.",
  request: { body: { required: true, content: { "application/json": { schema: searchSchema } } } },
  responses: { 200: json("The passages, the best first", hitListSchema), default: errorResponse },
});

type Parts = Pick<ServerParts, "corpora" | "maxUploadBytes">;

export function documentRoutes({ corpora, maxUploadBytes = DEFAULT_MAX_UPLOAD_BYTES }: Parts): OpenAPIHono {
  const app = new OpenAPIHono();
  app.openapi(listRoute, async (context) => {
    const { collection } = context.req.valid("query");
    const documents = await corpora.documents(collection);
    const data = documents.map((document) => documentJson(document, corpora.isUpload(collection, document)));
    return context.json({ object: "list" as const, data }, 200);
  });
  // Those with a body not by `openapi`, which would read one of any length.
  app.openAPIRegistry.registerPath(addRoute);
  app.post(addRoute.getRoutingPath(), async (context) => {
    const { collection } = checked(collectionQuery, context.req.query());
    await makeDefault(corpora, collection);
    const change = await receiveDocuments(corpora, context.req.raw, {
      collection,
      maxBytes: maxUploadBytes,
      isLocal: context.get("isLocal"),
    });
    if (!context.req.header("accept")?.includes("text/event-stream"))
      return context.json(await change({}), 200);
    return eventStream(async (send) => {
      let last = 0;
      const onProgress = (progress: SyncProgress) => {
        if (performance.now() - last < PROGRESS_INTERVAL) return;
        last = performance.now();
        send({ event: "progress", data: progressJson(progress) });
      };
      await send({ event: "done", data: await change({ onProgress }) });
    }, context.get("reportFault"));
  });
  app.openapi(removeSourceRoute, async (context) => {
    const { collection, source } = context.req.valid("query");
    return context.json(await corpora.removeSource(collection, source), 200);
  });
  app.openAPIRegistry.registerPath(searchRoute);
  app.post(searchRoute.getRoutingPath(), async (context) => {
    const { query, collection, top_k, filter } = await readJson(
      context.req.raw,
      searchSchema,
      MAX_SEARCH_BYTES,
    );
    const hits = await corpora.use(collection, ({ index, embedding }) =>
      search(index, query, {
        topK: top_k,
        ...(filter && { filter: toChunkFilter(filter) }),
        ...(embedding && { embedding }),
      }),
    );
    return context.json({ object: "list" as const, data: hits.map(hitJson) }, 200);
  });
  app.openapi(getRoute, async (context) => {
    const { collection } = context.req.valid("query");
    const { indexed, document, changed } = await corpora.readDocument(
      collection,
      context.req.valid("param").id,
    );
    const { text, pageStarts } = document;
    const own = documentJson(indexed, corpora.isUpload(collection, indexed));
    return context.json({ ...own, text, page_starts: pageStarts ? [...pageStarts] : null, changed }, 200);
  });
  app.openapi(fileRoute, async (context) => {
    const { collection } = context.req.valid("query");
    const { source } = await corpora.document(collection, context.req.valid("param").id);
    if (isAddress(source))
      throw new NotFoundError(`${source} is a page of the web and no file: open it there`);
    checkPlace(source);
    return sendFile(context.req.raw, source);
  });
  app.openapi(removeRoute, async (context) => {
    const { id } = context.req.valid("param");
    await corpora.removeDocument(context.req.valid("query").collection, id);
    return context.json({ id, object: "document.deleted" as const, deleted: true as const }, 200);
  });
  return app;
}

/** So that somebody's first document needs no preparations. Throws NotFoundError where another collection is missing. */
async function makeDefault(corpora: Corpora, name: string): Promise<void> {
  if (name === DEFAULT_COLLECTION && !corpora.names().includes(name))
    try {
      await corpora.create(name);
    } catch (error) {
      // Another request was faster.
      if (!(error instanceof ConflictError)) throw error;
    }
  corpora.collection(name);
}
