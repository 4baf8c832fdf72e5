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
      /** Without it every object will do. */
      schema: z.record(z.string(), z.unknown()).optional(),
      /** Every schema is kept to, whatever this says. */
      strict: z.boolean().nullish(),
    }),
  }),
]);

/** Clients ask with the same schema again and again, and a large one takes a tenth of a second. */
const MAX_REMEMBERED = 64;
const latest = new Map<string, string>();

/** Undefined where the answer is free. */
export function responseGrammar(
  format: z.infer<typeof responseFormat> | null | undefined,
): string | undefined {
  if (!format || format.type === "text") return undefined;
  const schema = (format.type === "json_schema" ? format.json_schema.schema : undefined) ?? {
    type: "object",
  };
  const key = JSON.stringify(schema);
  try {
    const grammar = latest.get(key) ?? jsonSchemaGrammar(schema);
    // Used last stands last.
    latest.delete(key);
    latest.set(key, grammar);
    if (latest.size > MAX_REMEMBERED) latest.delete(latest.keys().next().value!);
    return grammar;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new RequestError(error.message, { param: "response_format.json_schema.schema" });
  }
}
