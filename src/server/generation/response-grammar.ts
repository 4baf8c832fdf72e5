/** `response_format` in, the grammar that makes an answer keep to it out. */
import type { z } from "zod";
import type { responseFormatSchema } from "../wire/chat.ts";
import { jsonSchemaGrammar } from "./json-schema-grammar.ts";

/** `undefined` for free text. Throws InputError for a schema that a grammar cannot say. */
export function responseGrammar(
  format: z.infer<typeof responseFormatSchema> | undefined,
): string | undefined {
  if (format === undefined || format.type === "text") return undefined;
  return jsonSchemaGrammar(format.type === "json_object" ? { type: "object" } : format.json_schema.schema);
}
