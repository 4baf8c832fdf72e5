/** How /openapi.json describes every answer that is an error; openai-error.ts makes them. */
import { z } from "@hono/zod-openapi";

const errorSchema = z
  .object({
    error: z.object({
      message: z.string().describe("One line: what happened, where, and what to do"),
      type: z.string(),
      param: z.string().nullable().describe("The field that is wrong, as a path"),
      code: z.string().nullable(),
    }),
  })
  .openapi("Error");

export const errorResponse = {
  description: "An error, in OpenAI's shape",
  content: { "application/json": { schema: errorSchema } },
};
