/** An OpenAPI document with a bit of everything that the page for it shows. */
export const FAKE_OPENAPI = {
  openapi: "3.1.0",
  info: { title: "Vikhr", version: "0.1.0" },
  paths: {
    "/v1/ask": {
      post: {
        summary: "Answers a question from documents",
        description:
          "The documents of a collection, or those of the request; each sentence with its sources.",
        requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/Ask" } } } },
        responses: {
          200: {
            description: "The answer, whole or as events",
            content: {
              "application/json": { schema: { $ref: "#/components/schemas/Answer" } },
              "text/event-stream": { schema: { type: "string" } },
            },
          },
          400: { description: "Something in the request is wrong" },
        },
      },
    },
    "/v1/documents": {
      get: {
        summary: "Lists the documents of a collection",
        parameters: [
          {
            name: "collection",
            in: "query",
            description: "Its name",
            schema: { type: "string", default: "default" },
          },
        ],
        responses: { 200: { description: "The documents" } },
      },
      post: {
        summary: "Adds files",
        requestBody: {
          content: {
            "multipart/form-data": {
              schema: { type: "object", properties: { file: { type: "string", format: "binary" } } },
            },
          },
        },
        responses: { 200: { description: "What came of each" } },
      },
    },
  },
  components: {
    schemas: {
      Ask: {
        type: "object",
        required: ["question"],
        properties: {
          question: { type: "string", description: "What to answer", example: "When is a rye loaf done?" },
          collection: { type: "string", default: "default" },
          beams: { type: "integer", minimum: 1, maximum: 16 },
          stream: { type: "boolean" },
        },
      },
      Answer: {
        type: "object",
        properties: {
          answer: { type: "string" },
          citations: { type: "array", items: { $ref: "#/components/schemas/Citation" } },
        },
      },
      Citation: {
        type: "object",
        properties: { start: { type: "integer" }, end: { type: "integer" }, text: { type: "string" } },
      },
    },
  },
};
