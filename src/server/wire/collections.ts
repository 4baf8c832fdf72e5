/** Collections as JSON. */
import { z } from "@hono/zod-openapi";

export const collectionSchema = z
  .object({
    id: z.string().describe("Its name"),
    object: z.literal("collection"),
    documents: z.int(),
    sources: z
      .array(z.string())
      .describe("Paths, patterns and addresses that are linked; uploaded documents are not among them"),
    embedding: z
      .string()
      .nullable()
      .describe("The model of its vectors; null: it is searched by words alone"),
    problem: z
      .string()
      .optional()
      .describe("In a list: why it cannot be opened; then nothing is known of what is in it"),
  })
  .openapi("Collection");

export const collectionListSchema = z.object({ object: z.literal("list"), data: z.array(collectionSchema) });

export const newCollectionSchema = z
  .object({ name: z.string().describe('Up to 100 letters, digits, "_", "-" and "."') })
  .openapi("NewCollection");

export const deletedCollectionSchema = z.object({
  id: z.string(),
  object: z.literal("collection.deleted"),
  deleted: z.literal(true),
});
