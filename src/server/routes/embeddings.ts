/** `POST /v1/embeddings`: texts to vectors, where the server was given a model that makes them. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { refuseInvalid } from "../invalid-request.ts";
import { RequestError } from "../openai-error.ts";
import type { ServerParts } from "../server-parts.ts";
import { errorResponse, jsonBody } from "../wire/openapi.ts";

const MAX_TEXTS = 2048;

const embeddingsSchema = z
  .object({
    model: z.string().nullish(),
    input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(MAX_TEXTS)]),
    encoding_format: z.enum(["float", "base64"]).nullish(),
    dimensions: z.int().min(1).nullish(),
    input_type: z.enum(["query", "passage"]).nullish().openapi({
      description: "Some models read a question and what may answer it differently. Default: passage.",
    }),
  })
  .openapi("EmbeddingsRequest");

const route = createRoute({
  method: "post",
  path: "/v1/embeddings",
  summary: "Embed",
  description: "One vector of length 1 for each text. Texts beyond the model's context are cut.",
  tags: ["OpenAI"],
  request: jsonBody(embeddingsSchema),
  responses: {
    200: { description: "The vectors", content: { "application/json": { schema: z.looseObject({}) } } },
    default: errorResponse,
  },
});

export function embeddings(parts: ServerParts): OpenAPIHono {
  const app = new OpenAPIHono({ defaultHook: refuseInvalid });
  return app.openapi(route, async (context) => {
    const { input, model, encoding_format, dimensions, input_type } = context.req.valid("json");
    if (!parts.embedding)
      throw new RequestError("this server makes no vectors: start it with --embedding-model", {
        status: 404,
        param: "model",
        code: "model_not_found",
      });
    const embedding = await parts.embedding();
    if (model && model !== embedding.name)
      throw new RequestError(
        `there is no embedding model ${JSON.stringify(model.slice(0, 100))} here: ask ${embedding.name}`,
        { status: 404, param: "model", code: "model_not_found" },
      );
    if (dimensions != null && dimensions !== embedding.dimension)
      throw new RequestError(`dimensions: vectors of ${embedding.name} have ${embedding.dimension} numbers`, {
        param: "dimensions",
      });
    const texts = typeof input === "string" ? [input] : input;
    const { signal } = context.req.raw;
    const vectors = await embedding.embed(texts, { role: input_type ?? "passage", signal });
    const data = vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: encoding_format === "base64" ? base64(vector) : [...vector],
    }));
    // Without `usage`: how many tokens a text had, the model does not tell.
    return context.json({ object: "list", data, model: embedding.name }, 200);
  });
}

const base64 = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString("base64");
