/**
 * Malformed requests of every kind to every endpoint that the server describes: always an error of the client's, in
 * OpenAI's shape; never a fault of ours, never silence. Bodies that are no JSON, JSON that is no request, requests with
 * one field of a wrong type.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { Corpora } from "../../../src/rag/corpora.ts";
import { createApp } from "../../../src/server/create-app.ts";
import { ModelHost } from "../../../src/server/model-host.ts";
import { fakeEmbeddingModel } from "../../../src/testing/fake-embedding-model.ts";
import { fakeLanguageModel } from "../../../src/testing/fake-language-model.ts";

/** Of all endpoints together. */
const CASES = Number(process.env.VIKHR_FUZZ_CASES ?? 10_000);
/** Milliseconds: an answer that takes longer is none. */
const SILENCE = 20_000;

const folder = mkdtempSync(join(tmpdir(), "vikhr-fuzz-"));
afterAll(async () => {
  await corpora.close();
  rmSync(folder, { recursive: true });
});

const model = fakeLanguageModel({
  replies: ({ options }) => (options.grammar === undefined ? "One word." : '{"relevant_doc_ids": [0]}'),
});
const corpora = new Corpora({
  folder: join(folder, "collections"),
  open: async (collection) => {
    const index = await collection.openIndex();
    return { index, close: () => index.close() };
  },
});
const embedding = fakeEmbeddingModel();
const absent = async () => {
  throw new InputError("there is no such model");
};
const models = new ModelHost({
  open: async (name) => (name === undefined ? model : absent()),
  bytesOf: () => 0,
  list: async () => [],
  pull: absent,
  availableMemory: () => 1e9,
});
await models.load();
await corpora.create("searched");
const app = createApp({
  model: () => models.model,
  models,
  embedding: async () => embedding,
  corpora,
  isLocal: true,
});

const documents = [{ doc_id: 0, title: "a", content: "Some text." }];
const messages = [{ role: "user", content: "a" }];

/** What each endpoint takes; each field of it is replaced by what it does not take. */
const EXAMPLES: Record<string, Record<string, unknown>> = {
  "/v1/chat/completions": {
    model: "fake",
    messages,
    temperature: 0,
    top_p: 1,
    seed: 1,
    stop: ["a"],
    max_tokens: 5,
    n: 1,
    logprobs: true,
    top_logprobs: 1,
    beams: 1,
    response_format: { type: "text" },
    stream: false,
    collection: null,
  },
  "/v1/completions": {
    model: "fake",
    prompt: "a",
    max_tokens: 5,
    n: 1,
    logprobs: 1,
    echo: true,
    stream: false,
  },
  "/v1/responses": {
    model: "fake",
    input: "a",
    instructions: "b",
    max_output_tokens: 5,
    stream: false,
    tools: [],
  },
  "/v1/embeddings": { model: "fake-embedding", input: "a", encoding_format: "float", dimensions: 32 },
  "/cohere/v2/chat": { model: "fake", messages, temperature: 0, seed: 1, p: 1, k: 0, stop_sequences: ["a"] },
  "/v1/ask": { question: "a", documents, stream: false, temperature: 0, seed: 1, max_tokens: 5, beams: 1 },
  "/v1/collections": { name: "notes" },
  "/v1/documents": { documents: [{ title: "a", content: "Some text.", name: "a.md" }] },
  "/v1/documents/search": { query: "a", collection: "searched", top_k: 3, filter: { formats: ["markdown"] } },
  "/v1/models/load": { model: "fake" },
  "/v1/models/pull": { model: "fake" },
};

/** No field takes these. */
const WRONG_EVERYWHERE: readonly unknown[] = [[[[]]], -1e308];
/** Few fields take these. */
const WRONG: readonly unknown[] = [
  { wrong: { deeper: [] } },
  "\u0000\u202e",
  { toString: 1, __proto__: null },
];

const endpoints = Object.entries(
  app.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "", version: "" } }).paths!,
)
  .flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => ({ path, method: method.toUpperCase() })),
  )
  .filter(({ path }) => !["/health", "/metrics", "/v1/models", "/v1/models/known"].includes(path));

test("each endpoint that takes JSON is fuzzed", () => {
  const taking = endpoints.filter(({ method }) => method === "POST").map(({ path }) => path);
  expect(taking.filter((path) => !(path in EXAMPLES))).toEqual([]);
});

test.each(endpoints.filter(({ path }) => path in EXAMPLES && !path.startsWith("/v1/models")))(
  "what is replaced in $path is taken as it stands",
  async ({ path, method }) => {
    if (method !== "POST") return;
    const headers = { "content-type": "application/json" };
    const response = await app.request(path, { method, headers, body: JSON.stringify(EXAMPLES[path]) });
    expect([response.status, await response.text()]).toEqual([
      expect.toSatisfy((s: number) => s < 300),
      expect.anything(),
    ]);
  },
);

const perEndpoint = Math.ceil(CASES / endpoints.length);

test.each(endpoints)("$method $path", { timeout: 300_000 }, async ({ path, method }) => {
  const example = EXAMPLES[path] ?? {};
  const fields = Object.keys(example);
  const malformed = fc.oneof(
    fc
      .string({ unit: "binary", maxLength: 200 })
      .map((text) => ({ body: text, isSurelyWrong: !isJson(text) })),
    fc.json({ maxDepth: 6 }).map((body) => ({ body, isSurelyWrong: false })),
    fc
      .uint8Array({ maxLength: 100 })
      .map((bytes) => ({ body: Buffer.from(bytes).toString("latin1"), isSurelyWrong: false })),
    ...(fields.length > 0
      ? [
          fc
            .tuple(fc.constantFrom(...fields), fc.constantFrom(...WRONG_EVERYWHERE))
            .map(([field, value]: [string, unknown]) => ({
              body: JSON.stringify({ ...example, [field]: value }),
              isSurelyWrong: true,
            })),
          fc
            .tuple(fc.constantFrom(...fields), fc.constantFrom(...WRONG))
            .map(([field, value]: [string, unknown]) => ({
              body: JSON.stringify({ ...example, [field]: value }),
              isSurelyWrong: false,
            })),
        ]
      : []),
  );
  const headers = fc.constantFrom<Record<string, string>>(
    { "content-type": "application/json" },
    { "content-type": "text/plain" },
    { "content-type": "multipart/form-data; boundary=x" },
    { "content-type": "application/json; charset=utf-16" },
    {},
  );
  const segment = fc.string({ unit: "binary", minLength: 1, maxLength: 40 }).map(encodeSafely);
  await fc.assert(
    fc.asyncProperty(malformed, headers, segment, async ({ body, isSurelyWrong }, header, id) => {
      const url = `http://localhost${path.replace(/\{[^}]+\}/g, id)}`;
      const init = method === "GET" ? { method } : { method, body, headers: header };
      const response = await answered(app.request(url, init));
      expect(response.status).toBeLessThan(500);
      if (isSurelyWrong && method === "POST") expect(response.status).toBeGreaterThanOrEqual(400);
      if (response.status < 400) return void (await response.text());
      const { error } = (await response.json()) as { error: Record<string, unknown> };
      expect(Object.keys(error).sort()).toEqual(["code", "message", "param", "type"]);
      expect(String(error.message).length).toBeGreaterThan(0);
      expect(String(error.message)).not.toContain("\n");
    }),
    { numRuns: perEndpoint },
  );
});

/** Lone surrogates have no encoding. */
function encodeSafely(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function answered(response: Response | Promise<Response>): Promise<Response> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer")), SILENCE);
  });
  return Promise.race([response, silence]).finally(() => clearTimeout(timer));
}
