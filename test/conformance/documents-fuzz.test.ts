/**
 * Requests of any kind to each endpoint of collections and documents: an answer always comes; what is wrong is a 4xx in
 * OpenAI's shape, and nothing is a fault of the server.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Corpora } from "../../src/rag/corpora.ts";
import { createApp } from "../../src/server/create-app.ts";

const CASES = 1500;

let root: string;
let corpora: Corpora;
let app: ReturnType<typeof createApp>;
let known: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "vikhr-fuzz-"));
  const open: ConstructorParameters<typeof Corpora>[0]["open"] = async (collection) => {
    const index = await collection.openIndex();
    return { index, close: () => index.close() };
  };
  corpora = new Corpora({ folder: join(root, "collections"), open });
  app = createApp({ model: () => undefined, corpora, isLocal: false, maxUploadBytes: 20_000 });
  const body = new FormData();
  body.append("file", new Blob(["# Лёд\n\nЛедник тает."]), "a.md");
  await app.request("/v1/documents", { method: "POST", body });
  known = JSON.parse(await (await app.request("/v1/documents")).text()).data[0].id;
});
afterAll(async () => {
  await corpora.close();
  rmSync(root, { recursive: true, force: true });
});

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom(
    "default",
    "a.md",
    "../a.md",
    "..",
    "/etc/passwd",
    "\0",
    "con.md",
    "' OR '1'='1",
    "ледник",
    "a".repeat(300),
    "\ud800",
    "1e400",
  ),
);
const path = fc.oneof(
  text.map((one) => encodeURIComponent(one.replace(/\p{Cs}/gu, "x"))),
  fc.constantFrom("%E0%A4%A", "%00", "%2e%2e", "..%2f..", "{id}"),
);
const value = fc.oneof(fc.jsonValue(), text, fc.double(), fc.constantFrom(null, true, -1, 1e21, [], {}));

const name = fc.oneof({ weight: 3, arbitrary: fc.constant("a.md") }, text);
const document = fc.record(
  { name: fc.oneof(name, value), title: value, content: fc.oneof(text, value) },
  { requiredKeys: [] },
);
const search = fc.record(
  {
    query: fc.oneof(text, value),
    collection: fc.oneof(fc.constant("default"), value),
    top_k: fc.oneof(fc.integer({ min: -1, max: 2000 }), value),
    filter: fc.oneof(
      value,
      fc.record(
        {
          path_prefix: fc.oneof(text, value),
          formats: value,
          modified_from: fc.oneof(fc.double(), value),
          modified_to: value,
        },
        { requiredKeys: [] },
      ),
    ),
    more: value,
  },
  { requiredKeys: [] },
);
const json = (body: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.oneof(body, value).map((one) => JSON.stringify(one)) },
    {
      weight: 1,
      arbitrary: fc.oneof(
        fc.string(),
        fc.constantFrom("", "{", '{"a":1e400}', "[".repeat(10_000), '{"__proto__": 1}'),
      ),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  );
const multipart = fc
  .array(
    fc.oneof(
      fc
        .tuple(name, text)
        .map(
          ([file, content]) =>
            `--b\r\nContent-Disposition: form-data; name="file"; filename="${file}"\r\n\r\n${content}\r\n`,
        ),
      fc.constantFrom("--b--", "--b\r\n", "\r\n", "x".repeat(30_000)),
      text,
    ),
    { maxLength: 4 },
  )
  .chain((parts) => fc.constantFrom(parts.join(""), `${parts.join("")}--b--`));
const type = fc.oneof(
  { weight: 5, arbitrary: fc.constant("application/json") },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "text/plain",
      "",
      "multipart/form-data",
      "application/json; charset=utf-16",
      "multipart/form-data; boundary=b",
    ),
  },
);
const query = fc.oneof(
  { weight: 2, arbitrary: fc.constant("") },
  { weight: 1, arbitrary: path.map((one) => `?collection=${one}`) },
  { weight: 1, arbitrary: path.map((one) => `?source=${one}&source=b&collection`) },
);
const id = fc.oneof(path, fc.constant("known"));
const send = (
  method: string,
  where: fc.Arbitrary<string>,
  body: fc.Arbitrary<string | Uint8Array>,
  contentType = type,
) =>
  fc.record({
    method: fc.constant(method),
    where,
    body,
    contentType,
    accept: fc.constantFrom("*/*", "text/event-stream", "\u00ff"),
  });
const requests = fc.oneof(
  send(
    "POST",
    query.map((q) => `/v1/documents${q}`),
    json(
      fc.oneof(
        fc.record({ documents: fc.array(document, { maxLength: 3 }) }),
        fc.record({ sources: fc.array(text) }),
      ),
    ),
  ),
  send(
    "POST",
    query.map((q) => `/v1/documents${q}`),
    multipart,
    fc.constant("multipart/form-data; boundary=b"),
  ),
  send("POST", fc.constant("/v1/documents/search"), json(search)),
  send("POST", fc.constant("/v1/collections"), json(fc.record({ name: fc.oneof(text, value) }))),
  send(
    "GET",
    fc
      .tuple(fc.constantFrom("/v1/collections/", "/v1/documents/"), id, fc.constantFrom("", "/file"), query)
      .map((all) => all.join("")),
    fc.constant(""),
  ),
  send(
    "GET",
    query.map((q) => `/v1/documents${q}`),
    fc.constant(""),
  ),
  send(
    "DELETE",
    query.map((q) => `/v1/documents${q}`),
    fc.constant(""),
  ),
  send(
    "DELETE",
    fc.tuple(path, query).map(([one, q]) => `/v1/documents/${one}${q}`),
    fc.constant(""),
  ),
);

test(`${CASES} requests`, async () => {
  const seen = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(requests, async ({ method, where, body, contentType, accept }) => {
      const headers = { "content-type": contentType, accept };
      const request = { method, headers, ...(method === "POST" && { body: body as string }) };
      const response = await app.request(where.replace("known", known), request);
      const answer = await response.text();
      seen.set(response.status, (seen.get(response.status) ?? 0) + 1);
      expect(response.status).toBeLessThan(500);
      if (response.status < 400) return;
      const error = { message: expect.stringMatching(/^[^\n]+$/), type: expect.stringMatching(/_error$/) };
      const { error: told } = JSON.parse(answer);
      expect(told).toEqual({ ...error, param: told.param, code: null });
      expect([null, "string"]).toContain(told.param === null ? null : typeof told.param);
    }),
    { numRuns: CASES },
  );
  // It is the endpoints that were reached, not their doors alone.
  for (const status of [200, 201, 400, 403, 404, 413, 415]) expect(seen.get(status)).toBeGreaterThan(0);
  expect(readdirSync(root)).toEqual(["collections"]);
  expect(readdirSync(join(root, "collections/.incoming"))).toEqual([]);
});
