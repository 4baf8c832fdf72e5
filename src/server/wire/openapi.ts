/** What the descriptions of all routes share. */
import { z } from "@hono/zod-openapi";

const errorSchema = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string().nullable(),
    }),
  })
  .openapi("Error");

const refused = (description: string) => ({
  description,
  content: { "application/json": { schema: errorSchema } },
});

export const errorResponses = {
  400: refused("The request is wrong; `param` names the field"),
  401: refused("A key is missing or wrong"),
  404: refused("There is no such thing"),
  429: refused("Too many requests wait; Retry-After says when to try again"),
  500: refused("A fault of the server's"),
  503: refused("The server cannot do it now"),
};

/** Any content type is taken for JSON: clients forget it. */
export const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  body: { required: true, content: { "application/json": { schema } } },
});
