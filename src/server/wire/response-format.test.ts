import { expect, test } from "vitest";
import { RequestError } from "../openai-error.ts";
import { responseFormat, responseGrammar } from "./response-format.ts";

const schemaFormat = (schema?: unknown) =>
  responseFormat.parse({ type: "json_schema", json_schema: { name: "a", schema } });

test("text is free; json_object is any object; a schema is kept to", () => {
  expect(responseGrammar(responseFormat.parse({ type: "text" }))).toBeUndefined();
  const anyObject = responseGrammar(responseFormat.parse({ type: "json_object" }));
  expect(anyObject).toMatch(/^root ::= "\{"/);
  expect(responseGrammar(schemaFormat())).toBe(anyObject);
  expect(responseGrammar(schemaFormat({ const: "да" }))).toBe('root ::= "\\"да\\""\n');
});

test("a schema that cannot be followed is the request's fault, with its place", () => {
  const read = () => responseGrammar(schemaFormat({ properties: { a: { not: {} } } }));
  expect(read).toThrow(RequestError);
  expect(read).toThrow(expect.objectContaining({ status: 400, param: "response_format.json_schema.schema" }));
  expect(read).toThrow(/#\/properties\/a\/not is not supported/);
  expect(
    responseFormat.safeParse({ type: "json_schema", json_schema: { name: "a", schema: [] } }).success,
  ).toBe(false);
});
