import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { Corpora } from "../rag/corpora.ts";
import { fakeLanguageModel } from "../testing/fake-language-model.ts";
import { ApiKeys, hashApiKey, newApiKey } from "./access/api-keys.ts";
import { MAX_BODY_BYTES } from "./check-body.ts";
import { createApp } from "./create-app.ts";
import { Metrics } from "./metrics.ts";
import { RequestLog } from "./request-log.ts";
import type { ServerParts } from "./server-parts.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-app-"));
afterAll(() => rmSync(folder, { recursive: true }));
const corpora = new Corpora({
  folder,
  open: () => Promise.reject(new Error("no collection is opened here")),
});
const model = fakeLanguageModel({ replies: () => "yes" });
const app = (parts: Partial<ServerParts> = {}) =>
  createApp({ model: () => model, corpora, isLocal: false, webFolder: folder, ...parts });

const errorShape = {
  error: {
    message: expect.any(String),
    type: expect.stringMatching(/_error$/),
    param: expect.toSatisfy((it: unknown) => it === null || typeof it === "string"),
    code: expect.toSatisfy((it: unknown) => it === null || typeof it === "string"),
  },
};
const json = (body: unknown) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

describe("keys", () => {
  const local = newApiKey();
  const other = newApiKey();
  let now = 0;
  const keyed = app({
    metrics: new Metrics(),
    access: {
      keys: new ApiKeys(
        [
          { name: "local", hash: hashApiKey(local, "it"), isLocal: true },
          { name: "other", hash: hashApiKey(other, "it"), requestsPerMinute: 3 },
        ],
        () => now,
      ),
    },
  });
  const get = (path: string, key?: string) =>
    keyed.request(path, key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } });

  test("what does or tells something needs one; the page, the description and the health do not", async () => {
    const guarded = [
      "/v1/models",
      "/v1/nothing",
      "/v1",
      "/metrics",
      "/cohere/v2/chat",
      "/mcp",
      "/%761/models",
    ];
    for (const path of guarded) {
      expect([path, (await get(path)).status]).toEqual([path, 401]);
      expect([path, (await get(path, newApiKey())).status]).toEqual([path, 401]);
      expect([path, (await get(path, local)).status]).not.toEqual([path, 401]);
    }
    for (const path of ["/", "/health", "/openapi.json"]) expect((await get(path)).status).toBe(200);
    expect((await get("/nothing")).status).toBe(404);
  });

  test("a missing and a wrong key are told apart, in OpenAI's shape", async () => {
    const missing = await get("/v1/models");
    expect(missing.headers.get("www-authenticate")).toBe("Bearer");
    expect(await missing.json()).toMatchObject({
      error: {
        type: "authentication_error",
        code: "invalid_api_key",
        message: expect.stringMatching(/Authorization: Bearer/),
      },
    });
    expect(await (await get("/v1/models", "wrong")).json()).toMatchObject({
      error: { message: expect.stringMatching(/not known here/) },
    });
    const basic = { headers: { authorization: `Basic ${local}` } };
    expect((await keyed.request("/v1/models", basic)).status).toBe(401);
  });

  test("the limits of a key are told as OpenAI tells them, and end with 429 and Retry-After", async () => {
    const left: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      const response = await get("/v1/models", other);
      expect(response.status).toBe(200);
      expect(response.headers.get("x-ratelimit-limit-requests")).toBe("3");
      left.push(response.headers.get("x-ratelimit-remaining-requests"));
    }
    expect(left).toEqual(["2", "1", "0"]);
    const refused = await get("/v1/models", other);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("20");
    expect(refused.headers.get("x-ratelimit-reset-requests")).toBe("60.000s");
    expect(await refused.json()).toMatchObject({
      error: { type: "rate_limit_error", code: "rate_limit_exceeded" },
    });
    expect((await get("/v1/models", local)).status).toBe(200);
    now += 20_000;
    expect((await get("/v1/models", other)).status).toBe(200);
  });

  test("only a key that may is that of the person at this machine", async () => {
    const isLocal = async (key?: string) =>
      ((await (await get("/health", key)).json()) as { is_local: boolean }).is_local;
    expect([await isLocal(local), await isLocal(other), await isLocal()]).toEqual([true, false, false]);
    const load = (key: string) => {
      const request = json({ model: "nano" });
      return keyed.request("/v1/models/load", {
        ...request,
        headers: { ...request.headers, authorization: `Bearer ${key}` },
      });
    };
    now += 60_000;
    expect((await load(other)).status).toBe(403);
    // It may, and this server has no models to exchange.
    expect((await load(local)).status).toBe(404);
  });
});

describe("pages of other origins", () => {
  const friend = "https://friend.example";
  const ask = (origin: string, more: Record<string, string> = {}, method = "GET") => ({
    method,
    headers: { host: "vikhr.example", origin, ...more },
  });

  test("are refused, and their preflights, unless they are named", async () => {
    const preflight = { "access-control-request-method": "POST" };
    for (const cors of [[], [friend]]) {
      const server = app({ access: { cors } });
      const isNamed = cors.length > 0;
      const response = await server.request("/v1/models", ask(friend));
      expect(response.status).toBe(isNamed ? 200 : 403);
      expect(response.headers.get("access-control-allow-origin")).toBe(isNamed ? friend : null);
      const asked = await server.request("/v1/models/load", ask(friend, preflight, "OPTIONS"));
      expect(asked.status).toBe(isNamed ? 204 : 403);
      expect(asked.headers.get("access-control-allow-methods")).toBe(isNamed ? "GET, POST, DELETE" : null);
      expect((await server.request("/v1/models", ask("https://evil.example"))).status).toBe(403);
      expect((await server.request("/v1/models", ask("http://vikhr.example"))).status).toBe(200);
    }
  });

  test("a preflight needs no key, what follows does", async () => {
    const keys = new ApiKeys([{ name: "a", hash: hashApiKey(newApiKey(), "it") }]);
    const server = app({ access: { cors: [friend], keys } });
    const preflight = ask(friend, { "access-control-request-method": "POST" }, "OPTIONS");
    expect((await server.request("/v1/models", preflight)).status).toBe(204);
    const response = await server.request("/v1/models", ask(friend));
    expect(response.status).toBe(401);
    // The page may read why.
    expect(response.headers.get("access-control-allow-origin")).toBe(friend);
    expect(response.headers.get("vary")).toMatch(/origin/i);
  });

  test("a link to the page is followed, one to what it holds is not", async () => {
    const navigation = { headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" } };
    expect((await app().request("/", navigation)).status).toBe(200);
    expect((await app().request("/v1/models", navigation)).status).toBe(403);
    const image = { headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" } };
    expect((await app().request("/", image)).status).toBe(403);
  });
});

describe("every answer", () => {
  test("has an id, the client's own where it can do no harm", async () => {
    const idOf = async (given?: string) =>
      (
        await app().request("/health", given === undefined ? {} : { headers: { "x-request-id": given } })
      ).headers.get("x-request-id")!;
    expect(await idOf("abc-123.4:5_6")).toBe("abc-123.4:5_6");
    const made = new Set<string>();
    for (const given of [undefined, "", "a b", 'a"b', "<script>", "x".repeat(129), "é"])
      made.add(await idOf(given));
    expect(made.size).toBe(7);
    for (const id of made) expect(id).toMatch(/^req_[0-9a-f]{32}$/);
  });

  test("forbids what a page from here does not need, whatever came of the request", async () => {
    for (const path of ["/", "/health", "/nothing", "/v1/models", "/v1/models/none"]) {
      const { headers } = await app().request(path);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toMatch(/default-src 'self'.*frame-ancestors 'none'/);
      expect(headers.get("referrer-policy")).toBe("no-referrer");
    }
  });

  test("is logged without what was asked, and with it where that is wanted", async () => {
    for (const withContent of [false, true]) {
      const lines: string[] = [];
      const log = new RequestLog({ write: (line) => lines.push(line), withContent });
      await app({ log, isLocal: true }).request("/v1/models/load?secret=1", json({ model: "a secret" }));
      await new Promise((done) => setImmediate(done));
      await app({ log }).request("/health");
      expect(lines).toHaveLength(1);
      const record = JSON.parse(lines[0]!);
      expect(record).toMatchObject({ method: "POST", path: "/v1/models/load", status: 404, level: "info" });
      expect(record.request_id).toMatch(/^req_/);
      expect(lines[0]!.includes("secret")).toBe(withContent);
      if (withContent) expect(record.content).toBe('{"model":"a secret"}');
    }
  });

  test("a notice is a line for people, or a record with its facts", () => {
    for (const isTerminal of [true, false]) {
      const lines: string[] = [];
      const log = new RequestLog({ write: (line) => lines.push(line), isTerminal });
      log.notice("nano: loaded\u001b[2J\n", { context_size: 2048 });
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/^[^\n\u001b]*\n$/);
      if (isTerminal) expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d nano: loaded/);
      else
        expect(JSON.parse(lines[0]!)).toMatchObject({
          level: "info",
          message: expect.stringContaining("nano: loaded"),
          context_size: 2048,
        });
    }
  });

  test("a fault of ours says nothing, and its log says where", async () => {
    const lines: string[] = [];
    const log = new RequestLog({ write: (line) => lines.push(line), isTerminal: true });
    const broken = app({
      log,
      model: () => {
        throw new TypeError("private detail");
      },
    });
    const response = await broken.request("/v1/models", { headers: { "x-request-id": "r1" } });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toMatch(/private/);
    expect(lines.join("")).toMatch(/fault in r1: TypeError: private detail at /);
    for (const line of lines) expect(line).toMatch(/^[^\n]*\n$/);
  });
});

describe("metrics", () => {
  test("labels are routes, never what clients wrote", async () => {
    const metrics = new Metrics();
    const server = app({ metrics });
    for (const path of ["/v1/models/abc", "/v1/models/known", "/xyz", "/", "/v1/models/abc"])
      await server.request(path);
    await server.request("/v1/models", { headers: { origin: "https://evil.example" } });
    await server.request("/v1/models", { method: "PATCH" });
    const text = await (await server.request("/metrics")).text();
    const requests = [...text.matchAll(/^vikhr_http_requests_total\{(.+)\} (\d+)$/gm)].map(
      (m) => `${m[1]} ${m[2]}`,
    );
    expect(requests.sort()).toEqual([
      'method="GET",route="/",status="200" 1',
      'method="GET",route="/v1/models/:model",status="404" 2',
      'method="GET",route="/v1/models/known",status="200" 1',
      'method="GET",route="refused",status="403" 1',
      'method="GET",route="unknown",status="404" 1',
      'method="other",route="unknown",status="404" 1',
    ]);
    expect(text).not.toMatch(/abc|xyz|evil/);
    expect(text).toMatch(/^vikhr_http_requests_in_flight 1$/m);
  });
});

describe("while it stops", () => {
  test("nothing new begins", async () => {
    const server = app({ isStopping: () => true });
    const response = await server.request("/v1/models");
    expect(response.status).toBe(503);
    expect(response.headers.get("connection")).toBe("close");
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await response.json()).toEqual(errorShape);
    const health = await server.request("/health");
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({ status: "stopping" });
  });
});

describe("bodies", () => {
  test("that are too large are refused by what they say, or once they are", async () => {
    const said = await app().request("/v1/models/load", {
      ...json({}),
      headers: { "content-type": "application/json", "content-length": String(MAX_BODY_BYTES + 1) },
    });
    expect(said.status).toBe(413);
    expect(await said.json()).toMatchObject({ error: { code: "body_too_large" } });
    const counted = await app().request("/v1/models/load", {
      method: "POST",
      headers: { "content-type": "application/json", "transfer-encoding": "chunked" },
      body: " ".repeat(MAX_BODY_BYTES + 1),
    });
    expect(counted.status).toBe(413);
    const fits = { ...json({ model: "nano" }) };
    const headers = { ...fits.headers, "transfer-encoding": "chunked" };
    expect((await app({ isLocal: true }).request("/v1/models/load", { ...fits, headers })).status).toBe(404);
  });

  test("of every kind get an answer that says what is wrong with them", async () => {
    const server = app({ isLocal: true });
    const bodies = fc.oneof(
      fc.json(),
      fc.string(),
      fc.constant(""),
      fc.jsonValue().map((model) => JSON.stringify({ model })),
    );
    const types = fc.constantFrom(
      "application/json",
      "application/json; charset=utf-8",
      "text/plain",
      "",
      "a/b/c",
    );
    const paths = fc.constantFrom("/v1/models/load", "/v1/models/pull");
    await fc.assert(
      fc.asyncProperty(paths, bodies, types, async (path, body, type) => {
        const response = await server.request(path, {
          method: "POST",
          body,
          headers: { "content-type": type },
        });
        expect(response.status).toBeGreaterThanOrEqual(400);
        expect(response.status).toBeLessThan(500);
        expect(await response.json()).toEqual(errorShape);
      }),
      { numRuns: 200 },
    );
    const wrong = await server.request("/v1/models/load", json({ model: 7 }));
    expect(await wrong.json()).toMatchObject({
      error: { param: "model", message: expect.stringMatching(/^model: .*string/) },
    });
    expect((await server.request("/v1/models/load", json({ model: "nano", more: 1 }))).status).toBe(404);
  });
});

test("headers of every kind never are a fault", async () => {
  const names = fc.constantFrom(
    "authorization",
    "origin",
    "host",
    "content-type",
    "content-length",
    "x-request-id",
    "sec-fetch-site",
    "accept",
    "accept-encoding",
    "range",
    "if-modified-since",
    "access-control-request-method",
  );
  // What Node lets through: latin1 without control characters.
  const value = fc.string({
    unit: fc.integer({ min: 32, max: 255 }).map((code) => String.fromCharCode(code)),
  });
  const server = app({ access: { cors: ["https://friend.example"] }, metrics: new Metrics() });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("/", "/health", "/v1/models", "/metrics", "/openapi.json", "/assets/x.js"),
      fc.constantFrom("GET", "POST", "HEAD", "OPTIONS", "DELETE"),
      fc.dictionary(names, value, { maxKeys: 5 }),
      async (path, method, headers) => {
        const response = await server.request(path, { method, headers });
        expect(response.status).toBeLessThan(500);
        if (response.status >= 400 && method !== "HEAD") expect(await response.json()).toEqual(errorShape);
      },
    ),
    { numRuns: 200 },
  );
});

test("the description holds every route, each with words for people and a schema", async () => {
  const document = (await (await app().request("/openapi.json")).json()) as { paths: object };
  expect(document).toMatchObject({
    openapi: "3.1.0",
    components: { securitySchemes: { apiKey: { scheme: "bearer" } } },
  });
  const described = Object.entries(document.paths as Record<string, Record<string, Record<string, unknown>>>);
  expect(described.map(([path]) => path)).toEqual(
    expect.arrayContaining(["/health", "/metrics", "/v1/models"]),
  );
  for (const [, methods] of described)
    for (const operation of Object.values(methods))
      expect(operation).toMatchObject({
        summary: expect.stringMatching(/\w/),
        description: expect.stringMatching(/\w/),
        responses: expect.anything(),
      });
  // What is asked for by name, or with a body, can be wrong.
  for (const [path, methods] of described)
    for (const [method, { responses }] of Object.entries(methods))
      if (method === "post" || path.includes("{"))
        expect(responses, `${method} ${path}`).toHaveProperty("default");
});
