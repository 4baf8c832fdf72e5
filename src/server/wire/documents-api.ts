/** Documents of a collection as JSON: what is sent, and what is answered. */
import { z } from "@hono/zod-openapi";
import type { IndexedSource } from "../../index/chunk-index.ts";
import { DEFAULT_COLLECTION } from "../../index/collections.ts";
import type { SyncProgress } from "../../index/sync.ts";
import { documentId } from "../../rag/document-id.ts";
import { filterSchema } from "./chunk-filter.ts";
import { hitSchema } from "./hit.ts";

const collection = z.string().default(DEFAULT_COLLECTION).describe("The collection's id");

export const collectionQuery = z.object({ collection });

export const sourceQuery = collectionQuery.extend({
  source: z.string().min(1).describe("As it stands among the collection's sources"),
});

export const documentParams = z.object({
  id: z.string().openapi({ example: "doc_0123456789abcdef01234567" }),
});

export const documentSchema = z
  .object({
    id: z.string(),
    object: z.literal("document"),
    source: z.string().describe("A path on the server, or an address"),
    title: z.string().nullable(),
    format: z.enum(["markdown", "html", "code", "plain"]),
    modified: z.number().describe("When its file was last changed, in milliseconds since 1970"),
    uploaded: z.boolean().describe("It was sent here, and can be deleted; else its file is linked"),
  })
  .openapi("Document");

export function documentJson(document: IndexedSource, uploaded: boolean): z.infer<typeof documentSchema> {
  const { source, title, format, modified } = document;
  return { id: documentId(source), object: "document", source, title, format, modified, uploaded };
}

export const documentListSchema = z.object({ object: z.literal("list"), data: z.array(documentSchema) });

export const documentTextSchema = documentSchema
  .extend({
    text: z.string().describe("What all offsets count in, in UTF-16 units"),
    page_starts: z.array(z.int()).nullable().describe("Where its pages begin in the text; null: it has none"),
    changed: z.boolean().describe("The file is no more what was indexed: places of hits may be others"),
  })
  .openapi("DocumentText");

export const deletedDocumentSchema = z.object({
  id: z.string(),
  object: z.literal("document.deleted"),
  deleted: z.literal(true),
});

const text = z.object({
  name: z
    .string()
    .optional()
    .describe("Of the file that it becomes. Default: made of the title, or of the content"),
  title: z.string().min(1).max(10_000).optional(),
  content: z.string().describe("Markdown, unless the name ends otherwise"),
});

export const textsSchema = z.object({ documents: z.array(text).min(1).max(10_000) }).openapi("NewDocuments");

export const sourcesSchema = z
  .object({
    sources: z
      .array(z.string().min(1).max(10_000))
      .min(1)
      .max(1000)
      .describe("Absolute paths, patterns or http(s) addresses; only where the server runs for its own user"),
  })
  .openapi("NewSources");

/** Only one of the two is read. */
export const newDocumentsSchema = z.union([textsSchema, sourcesSchema]);

export const filesSchema = z.object({
  file: z.array(z.string().openapi({ format: "binary" })).describe("Any number of files"),
});

export const syncResultSchema = z
  .object({
    added: z.int(),
    replaced: z.int(),
    removed: z.int(),
    unchanged: z.int(),
    chunks: z.int().describe("Written"),
    failed: z
      .array(z.object({ path: z.string(), reason: z.string() }))
      .describe("What could not be read; uploads among it are not kept"),
    skipped: z
      .object({ files: z.int(), kinds: z.array(z.string()) })
      .optional()
      .describe("Files in folders, of kinds that are not read"),
  })
  .openapi("SyncResult");

export function progressJson({ files, totalFiles, bytes, totalBytes, chunks }: SyncProgress): object {
  return { files, total_files: totalFiles, bytes, total_bytes: totalBytes, chunks };
}

export const searchSchema = z
  .object({
    query: z
      .string()
      .max(32_768)
      .refine((query) => query.trim() !== "", "is empty: give some words"),
    collection,
    top_k: z.int().min(1).max(1000).default(10),
    filter: filterSchema.optional(),
  })
  .openapi("Search");

export const hitListSchema = z.object({ object: z.literal("list"), data: z.array(hitSchema) });
