/** `response_format` of chat completions: its shape, and the grammar that it asks for. */
import { z } from "@hono/zod-openapi";
import { InputError } from "../../errors.ts";
import { jsonSchemaGrammar } from "../generation/json-schema-grammar.ts";
import { RequestError } from "../openai-error.ts";

export const responseFormat = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text") }),
  z.object({ type: z.literal("json_object") }),
  z.object({
    type: z.literal("json_schema"),
    json_schema: z.object({
      name: z.string().nullish(),
      description: z.string().optional(),
      /** Left out: any object. */
      schema: z.record(z.string(), z.unknown()).optional(),
      /** Every schema is kept to, whatever this says. */
      strict: z.boolean().nullish(),
    }),
  }),
]);

/** Undefined where the answer is free. */
export function responseGrammar(
  format: z.infer<typeof responseFormat> | null | undefined,
): string | undefined {
  if (!format || format.type === "text") return undefined;
  const schema = format.type === "json_schema" ? format.json_schema.schema : undefined;
  try {
    return jsonSchemaGrammar(schema ?? { type: "object" });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new RequestError(error.message, { param: "response_format.json_schema.schema" });
  }
}
