/** `filter` of a request in, the filter of the index out. */
import { z } from "@hono/zod-openapi";
import type { ChunkFilter } from "../../index/chunk-index.ts";
import { FORMAT_NAMES } from "../../index/format-names.ts";

/** The days that JavaScript's dates have. */
const time = z.number().min(-8.64e15).max(8.64e15).describe("Milliseconds since 1970");

export const filterSchema = z
  .object({
    path_prefix: z
      .string()
      .max(10_000)
      .optional()
      .describe("A folder, an address or a whole path: the source is it, or lies below it"),
    formats: z
      .array(z.enum(FORMAT_NAMES))
      .max(16)
      .optional()
      .describe(
        "How the text is written (PDF counts as plain, DOCX and EPUB as html), or how the source ends",
      ),
    modified_from: time.optional(),
    modified_to: time.optional(),
  })
  .describe("Only documents that fit all that is given")
  .openapi("Filter");

export function toChunkFilter({
  path_prefix,
  formats,
  modified_from,
  modified_to,
}: z.infer<typeof filterSchema>): ChunkFilter {
  return {
    ...(path_prefix !== undefined && { pathPrefix: path_prefix }),
    ...(formats && { formats }),
    ...(modified_from !== undefined && { modifiedFrom: modified_from }),
    ...(modified_to !== undefined && { modifiedTo: modified_to }),
  };
}
