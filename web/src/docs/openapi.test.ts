/** What is read of an OpenAPI document. */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  curlOf,
  endpointsOf,
  exampleOf,
  fieldsOf,
  type OpenApi,
  resolve,
  type Schema,
  typeText,
} from "./openapi.ts";

const document: OpenApi = {
  paths: {
    "/v1/ask": {
      post: {
        summary: "Asks",
        requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/Ask" } } } },
        responses: { 200: { description: "The answer" } },
      },
    },
    "/v1/documents/{id}": { get: { parameters: [{ name: "id", in: "path", required: true }] }, delete: {} },
  },
  components: {
    schemas: {
      Ask: {
        type: "object",
        required: ["question"],
        properties: {
          question: { type: "string", example: "Who's there?" },
          beams: { type: "integer", minimum: 1, maximum: 16 },
          again: { $ref: "#/components/schemas/Ask" },
        },
      },
      Circle: { $ref: "#/components/schemas/Circle" },
    },
  },
};

test("endpoints, their fields and examples", () => {
  const endpoints = endpointsOf(document);
  expect(endpoints.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "POST /v1/ask",
    "GET /v1/documents/{id}",
    "DELETE /v1/documents/{id}",
  ]);
  expect(new Set(endpoints.map(({ id }) => id)).size).toBe(3);
  const [ask] = endpoints;
  expect(ask!.bodies[0]!.example).toEqual({ question: "Who's there?" });
  expect(curlOf("http://a", ask!)).toContain(`-d '{"question":"Who'\\''s there?"}'`);
  const fields = fieldsOf(document, { type: "array", items: { $ref: "#/components/schemas/Ask" } });
  expect(fields.map(([name, , isRequired]) => [name, isRequired])).toEqual([
    ["question", true],
    ["beams", false],
    ["again", false],
  ]);
  expect(typeText(document, fields[1]![1])).toBe("integer, 1 to 16");
  expect(typeText(document, { anyOf: [{ type: "string" }, { type: "null" }] })).toBe("string | null");
});

test("references that lead in a circle or to nothing end", () => {
  for (const $ref of ["#/components/schemas/Circle", "#/nowhere", "http://elsewhere/"])
    expect(resolve(document, { $ref })).toEqual({});
});

test("any schema has an example, a type and fields", () => {
  const { schema } = fc.letrec<{ schema: Schema }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 5 },
      fc.record({ type: fc.constantFrom("string", "integer", "boolean", "null", "array", "object") }),
      fc.record({ $ref: fc.constantFrom("#/components/schemas/Ask", "#/components/schemas/Circle", "#/x") }),
      fc.record({ properties: fc.dictionary(fc.constantFrom("a", "b", "c"), tie("schema"), { maxKeys: 3 }) }),
      fc.record({ type: fc.constant("array"), items: tie("schema") }),
      fc.record({ anyOf: fc.array(tie("schema"), { maxLength: 3 }) }),
      fc.record({ allOf: fc.array(tie("schema"), { maxLength: 3 }) }),
    ),
  }));
  fc.assert(
    fc.property(schema, (any) => {
      expect(exampleOf(document, any)).not.toBeUndefined();
      expect(typeText(document, any)).toBeTypeOf("string");
      const names = fieldsOf(document, any).map(([name]) => name);
      expect(new Set(names).size).toBe(names.length);
    }),
  );
});
