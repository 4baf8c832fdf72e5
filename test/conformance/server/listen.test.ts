/** A server on a real port: clients that are slow, silent, hostile or gone, and a stop while answers flow. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { streamText } from "hono/streaming";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { Corpora } from "../../../src/rag/corpora.ts";
import { ApiKeys, hashApiKey, newApiKey } from "../../../src/server/access/api-keys.ts";
import { createApp } from "../../../src/server/create-app.ts";
import { type Listening, type ListenOptions, listen } from "../../../src/server/listen.ts";
import { Metrics } from "../../../src/server/metrics.ts";
import type { ServerParts } from "../../../src/server/server-parts.ts";
import { rawRequest, rawSocket } from "./raw-request.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-listen-"));
afterAll(() => rmSync(folder, { recursive: true }));
const servers: Listening[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(0);
});

/** What the routes for these tests do, by the name that the client gives its stream. */
interface Streams {
  begun: Set<string>;
  /** Whose clients have left. */
  left: Set<string>;
  /** Streams go on until this is called. */
  end(): void;
}

async function start(options: Partial<ListenOptions> = {}, parts: Partial<ServerParts> = {}) {
  const corpora = new Corpora({ folder, open: () => Promise.reject(new Error("not opened here")) });
  const app = createApp({ model: () => undefined, corpora, isLocal: true, webFolder: folder, ...parts });
  let end: () => void = () => undefined;
  const ended = new Promise<void>((done) => {
    end = done;
  });
  const streams: Streams = { begun: new Set(), left: new Set(), end };
  app.get("/v1/stream/:name", (context) => {
    const name = context.req.param("name");
    return streamText(context, async (stream) => {
      stream.onAbort(() => void streams.left.add(name));
      await stream.write("begin ");
      streams.begun.add(name);
      await ended;
      await stream.write("end");
    });
  });
  app.get("/v1/flood/:name", (context) => {
    const name = context.req.param("name");
    return streamText(context, async (stream) => {
      stream.onAbort(() => void streams.left.add(name));
      while (!stream.aborted) await stream.write("x".repeat(100_000));
    });
  });
  app.post("/v1/echo", async (context) => context.text(await context.req.text()));
  const server = await listen(app, { host: "127.0.0.1", port: 0, ...options });
  servers.push(server);
  return { server, streams };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(10);
}

const expectError = (body: string) =>
  expect(JSON.parse(body)).toEqual({
    error: {
      message: expect.any(String),
      type: expect.stringMatching(/_error$/),
      param: null,
      code: expect.toSatisfy((it: unknown) => it === null || typeof it === "string"),
    },
  });

describe("what is no request of ours", () => {
  test.each<[what: string, bytes: string, status: number]>([
    ["no HTTP", "hello\r\n\r\n", 400],
    ["another protocol", "\x16\x03\x01\x02\x00\x01\x00\x01", 400],
    ["a method that there is not", "FLY / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400],
    ["headers that are too large", `GET / HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431],
    [
      "two lengths",
      "POST /v1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
      400,
    ],
    [
      "a length and chunks",
      "POST /v1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
    ],
    ["a length that is none", "POST /v1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400],
    ["no host", "GET /health HTTP/1.1\r\nConnection: close\r\n\r\n", 400],
    ["a host that is none", "GET /health HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n", 400],
    ["backslashes", "GET /..\\..\\secret HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400],
    [
      "an expectation",
      "GET /health HTTP/1.1\r\nHost: localhost\r\nExpect: wonders\r\nConnection: close\r\n\r\n",
      417,
    ],
    ["a tunnel", "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n", 405],
  ])("%s: one error in OpenAI's shape", async (_, bytes, status) => {
    const { server } = await start();
    const answer = await rawRequest(server.port, bytes);
    expect(answer.status).toBe(status);
    expectError(answer.body);
  });

  test("bytes of every kind: an answer or a closed connection, never a fault, and the next one is answered", async () => {
    const { server } = await start();
    const line = fc.constantFrom(
      "GET / HTTP/1.1",
      "POST /v1/echo HTTP/1.1",
      "GET /%%%?% HTTP/1.1",
      "GET //health HTTP/1.1",
      "OPTIONS * HTTP/1.1",
      "GET http://h/health HTTP/1.1",
      "Host: h",
      "Host: [::1",
      "Connection: close",
      "Connection: upgrade",
      "Upgrade: websocket",
      "Transfer-Encoding: chunked",
      "Content-Length: 3",
      "Content-Type: application/json",
      "Expect: 100-continue",
      "",
      "3",
      "abc",
      "0",
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((raw) => Buffer.from(raw)),
      fc.array(line, { maxLength: 12 }).map((lines) => Buffer.from(`${lines.join("\r\n")}\r\n\r\n`)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (raw) => {
        const { status } = await rawRequest(server.port, raw);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 500 },
    );
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });

  test("asked as another host, from loopback alone", async () => {
    const { server } = await start({}, { access: { isLoopback: true } });
    const ask = (host: string) =>
      rawRequest(server.port, `GET /v1/models HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    for (const host of [`localhost:${server.port}`, `127.0.0.1:${server.port}`, `[::1]:${server.port}`])
      expect((await ask(host)).status).toBe(200);
    for (const host of ["localhost", `evil.example:${server.port}`, `localhost:${server.port + 1}`]) {
      const answer = await ask(host);
      expect(answer.status).toBe(403);
      expectError(answer.body);
    }
  });
});

describe("clients that are slow", () => {
  test("with headers or a body: 408", async () => {
    const { server } = await start({ limits: { headers: 300, request: 600 } });
    const post = "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    const [headers, body] = await Promise.all([
      rawRequest(server.port, "GET / HTTP/1.1\r\nHost: localhost\r\nX: ", { hold: true }),
      rawRequest(server.port, `${post}Content-Length: 9\r\n\r\nhalf`, { hold: true }),
    ]);
    for (const answer of [headers, body]) {
      expect(answer.status).toBe(408);
      expectError(answer.body);
    }
  });

  test("in reading are cut; a stream that has nothing to say yet is not", async () => {
    const { server, streams } = await start({ limits: { stall: 300 } });
    const quiet = fetch(`${server.url}/v1/stream/quiet`);
    const lazy = rawSocket(server.port).pause();
    lazy.write("GET /v1/flood/lazy HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await until(() => streams.left.has("lazy"));
    await until(() => streams.begun.has("quiet"));
    await sleep(900);
    expect(streams.left).toEqual(new Set(["lazy"]));
    streams.end();
    expect(await (await quiet).text()).toBe("begin end");
  });

  test("in reading, but do read, are not cut", async () => {
    const { server, streams } = await start({ limits: { stall: 300 } });
    const slow = rawSocket(server.port).pause();
    slow.write("GET /v1/flood/slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let bytes = 0;
    for (let i = 0; i < 15; i++) {
      await sleep(100);
      // A socket's buffer of the system holds some megabytes: less than that is no progress to the server.
      for (let piece = slow.read(), room = 8e6; piece && room > 0; piece = slow.read()) {
        bytes += piece.length;
        room -= piece.length;
        await sleep(0);
      }
    }
    expect(bytes).toBeGreaterThan(1e6);
    expect(streams.left.has("slow")).toBe(false);
    slow.destroy();
    await until(() => streams.left.has("slow"));
  });

  test("who leaves gives back the slot of its key, also where it sent two requests at once", async () => {
    const key = newApiKey();
    const keys = new ApiKeys([{ name: "a", hash: hashApiKey(key, "it"), concurrentRequests: 1 }]);
    const metrics = new Metrics();
    const { server, streams } = await start({}, { access: { keys }, metrics });
    const request = (name: string) =>
      `GET /v1/stream/${name} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\n\r\n`;
    const status = async () => {
      const response = await fetch(`${server.url}/v1/models`, {
        headers: { authorization: `Bearer ${key}` },
      });
      await response.text();
      return response.status;
    };
    const first = rawSocket(server.port);
    first.write(request("first"));
    await until(() => streams.begun.has("first"));
    expect(await status()).toBe(429);
    first.destroy();
    await until(async () => (await status()) === 200);
    const second = rawSocket(server.port);
    second.write(request("second") + request("third"));
    await new Promise((closed) => second.once("close", closed));
    await until(async () => (await status()) === 200);
    expect(streams.begun.has("third")).toBe(false);
    await until(async () => /^vikhr_http_requests_in_flight 0$/m.test(await metrics.text()));
    expect(await metrics.text()).toMatch(/route="\/v1\/stream\/:name",status="499"\} [12]$/m);
  });

  test("no more connections than there may be", async () => {
    const { server, streams } = await start({ limits: { connections: 2 } });
    const held = ["a", "b"].map((name) => {
      const socket = rawSocket(server.port);
      socket.write(`GET /v1/stream/${name} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      return socket;
    });
    await until(() => streams.begun.size === 2);
    const refused = await rawRequest(server.port, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", {
      hold: true,
    });
    expect(refused.status).toBe(0);
    for (const socket of held) socket.destroy();
    await until(() => streams.left.size === 2);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });
});

describe("a stop", () => {
  test("finishes what flows, and refuses what is new", async () => {
    let isStopping = false;
    const { server, streams } = await start({}, { isStopping: () => isStopping });
    const flowing = fetch(`${server.url}/v1/stream/flowing`);
    await until(() => streams.begun.has("flowing"));
    isStopping = true;
    let hasStopped = false;
    const stopped = server.stop(60_000).then(() => {
      hasStopped = true;
    });
    const refused = await fetch(`${server.url}/v1/models`);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("connection")).toBe("close");
    expect(refused.headers.get("retry-after")).toBe("5");
    expect((await fetch(`${server.url}/health`)).status).toBe(503);
    expect(hasStopped).toBe(false);
    streams.end();
    expect(await (await flowing).text()).toBe("begin end");
    await stopped;
    await expect(fetch(`${server.url}/health`)).rejects.toThrow();
  });

  test("cuts what flows on after its limit", async () => {
    const { server, streams } = await start();
    const flowing = fetch(`${server.url}/v1/stream/flowing`);
    await until(() => streams.begun.has("flowing"));
    await server.stop(100);
    await expect((await flowing).text()).rejects.toThrow();
    await until(() => streams.left.has("flowing"));
  });

  test("without anything under way is at once, with connections that are kept open", async () => {
    const { server } = await start();
    const idle = rawSocket(server.port);
    const closed = new Promise((done) => idle.once("close", done));
    idle.write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await new Promise((done) => idle.once("data", done));
    await server.stop(60_000);
    await closed;
  });
});

test("a port that is taken, and an address of another machine: one line that says what to do", async () => {
  const { server } = await start();
  const again = listen({ fetch: () => new Response() }, { host: "127.0.0.1", port: server.port });
  await expect(again).rejects.toThrow(InputError);
  await expect(again).rejects.toThrow(`port ${server.port} of 127.0.0.1 is taken`);
  const elsewhere = listen({ fetch: () => new Response() }, { host: "192.0.2.1", port: 0 });
  await expect(elsewhere).rejects.toThrow("192.0.2.1 is no address of this machine");
});

test("what falls out of the application is told as a fault of ours", async () => {
  const server = await listen(
    {
      fetch: () => {
        throw "no error at all";
      },
    },
    { host: "127.0.0.1", port: 0 },
  );
  servers.push(server);
  const response = await fetch(server.url);
  expect(response.status).toBe(500);
  expectError(await response.text());
});
