/** What the descriptions of all routes share; openai-error.ts makes the errors. */
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
  description: "An error, in OpenAI's shape; after 429 and 503, Retry-After says when to try again",
  content: { "application/json": { schema: errorSchema } },
};

export const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  body: { required: true, content: { "application/json": { schema } } },
});

/** An answer whose shape is somebody else's, and the stream of events towards it. */
export const answerOrStream = (description: string) => ({
  200: {
    description,
    content: {
      "application/json": { schema: z.looseObject({}) },
      "text/event-stream": { schema: z.string() },
    },
  },
  default: errorResponse,
});
