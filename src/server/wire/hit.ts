/** A chunk that a search found, as JSON. */
import { z } from "@hono/zod-openapi";
import { documentId } from "../../rag/document-id.ts";
import type { Hit } from "../../retrieval/search.ts";

export const hitSchema = z
  .object({
    doc_id: z.int().describe("Of this search, from 0"),
    document: z.string().describe("The document's id"),
    source: z.string(),
    title: z.string().nullable().describe("Of the document, with the headings above the passage"),
    format: z
      .enum(["markdown", "html", "code", "plain"])
      .describe("Of the text: PDF comes as plain text, DOCX and EPUB as HTML"),
    page: z.int().optional().describe("From 1, where the document has pages"),
    start: z.int().describe("In the document's text, in UTF-16 units"),
    end: z.int(),
    text: z.string(),
    score: z.number().describe("Comparable within one search"),
    rank: z.int().describe("From 1"),
  })
  .openapi("Hit");

export function hitJson({ chunk, score, rank }: Hit): z.infer<typeof hitSchema> {
  const { source, title, format, page, start, end, text } = chunk;
  const place = { ...(page !== undefined && { page }), start, end };
  return {
    doc_id: rank - 1,
    document: documentId(source),
    source,
    title,
    format,
    ...place,
    text,
    score,
    rank,
  };
}
