/** Downloads from a local server that behaves as the hub does, or does not. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listModels } from "../../src/engine/registry/list-models.ts";
import { cachePaths } from "../../src/engine/registry/model-cache.ts";
import { type PullOptions, pullModel } from "../../src/engine/registry/pull-model.ts";
import { resolveModel } from "../../src/engine/registry/resolve-model.ts";
import { InputError } from "../../src/errors.ts";
import { string } from "../../src/gguf/metadata.ts";
import { writeGguf } from "../../src/gguf/write-gguf.ts";

const NAME = "hf:owner/repo/model.gguf";
const PLACE = { repository: "owner/repo", file: "model.gguf" };
const ROWS = 4096;

/** What the hub has, and how it behaves; tests change it. */
interface Hub {
  content: Buffer;
  sha256: string;
  size: number;
  etag: string;
  /** Bytes after which a GET breaks off, one for each; none: whole. */
  breaks: number[];
  /** Answers instead of the usual, where it returns true. */
  instead?: (request: IncomingMessage, response: ServerResponse) => boolean;
  requests: { method: string; url: string; headers: IncomingMessage["headers"] }[];
}

let folder: string;
let cache: string;
let server: Server;
let hub: Hub;
let options: PullOptions;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "vikhr-pull-"));
  cache = join(folder, "cache");
  const path = join(folder, "made.gguf");
  const data = new Uint8Array(ROWS * 16).map((_, i) => (i * 7919) >> 3);
  await writeGguf(path, {
    metadata: new Map([["general.architecture", string("llama")]]),
    tensors: [{ name: "token_embd.weight", shape: [4, ROWS], type: "F32", data }],
  });
  const content = readFileSync(path);
  const sha256 = createHash("sha256").update(content).digest("hex");
  hub = { content, sha256, size: content.length, etag: '"one"', breaks: [], requests: [] };
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  options = { endpoint, cache, retries: 0, token: "hf_secret" };
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/** As the hub: the first address knows size and checksum and sends on to a store, which knows ranges. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const { method = "", url = "", headers } = request;
  hub.requests.push({ method, url, headers });
  if (hub.instead?.(request, response)) return;
  if (url === "/owner/repo/resolve/main/model.gguf") {
    const linked = { "x-linked-etag": `"${hub.sha256}"`, "x-linked-size": String(hub.size) };
    return void response.writeHead(302, { location: "/store/blob", ...linked }).end();
  }
  if (url !== "/store/blob") return void response.writeHead(404).end("no");
  const range = /^bytes=(\d+)-$/.exec(headers.range ?? "");
  const valid = range !== null && (headers["if-range"] ?? hub.etag) === hub.etag;
  const start = valid ? Number(range[1]) : 0;
  if (start >= hub.content.length) return void response.writeHead(416).end();
  const body = hub.content.subarray(start);
  const end = hub.content.length;
  response.writeHead(valid ? 206 : 200, {
    etag: hub.etag,
    "content-length": String(body.length),
    ...(valid ? { "content-range": `bytes ${start}-${end - 1}/${end}` } : {}),
  });
  if (method === "HEAD") return void response.end();
  const cut = hub.breaks.shift();
  if (cut === undefined) response.end(body);
  else {
    // A connection that breaks takes with it what has not been read yet.
    response.write(body.subarray(0, cut));
    setTimeout(() => response.destroy(), 60);
  }
}

const paths = () => cachePaths(cache, PLACE);
const gets = () => hub.requests.filter(({ method, url }) => method === "GET" && url === "/store/blob");

function expectWhole(): void {
  expect(readFileSync(paths().model).equals(hub.content)).toBe(true);
  for (const left of [paths().part, paths().partFacts, paths().lock]) expect(existsSync(left)).toBe(false);
}

describe("a pull", () => {
  test("brings the file, says how far it is, and is not repeated", async () => {
    const seen: number[] = [];
    const pulled = await pullModel(NAME, {
      ...options,
      onProgress: ({ bytes, total, bytesPerSecond }) => {
        expect(total).toBe(hub.size);
        expect(bytesPerSecond).toBeGreaterThanOrEqual(0);
        seen.push(bytes);
      },
    });
    expect(pulled).toEqual({ path: paths().model, bytes: hub.size, sha256: hub.sha256, cached: false });
    expect([seen[0], seen.at(-1)]).toEqual([0, hub.size]);
    expectWhole();
    const before = hub.requests.length;
    expect(await pullModel(NAME, options)).toMatchObject({ cached: true });
    expect(hub.requests.length).toBe(before);
    expect(resolveModel(NAME, cache).path).toBe(paths().model);
    expect((await listModels({ cache })).find(({ name }) => name === NAME)).toMatchObject({
      state: "ready",
      bytes: hub.size,
    });
  });

  test("goes on where it was interrupted, also more than once", async () => {
    hub.breaks = [10_000, 20_000];
    await expect(pullModel(NAME, options)).rejects.toThrow(/goes on from where it was/);
    expect(statSync(paths().part).size).toBe(10_000);
    expect(() => resolveModel(NAME, cache)).toThrow(/vikhr models pull hf:owner/);
    expect((await listModels({ cache })).find(({ name }) => name === NAME)).toMatchObject({
      state: "partial",
      bytes: 10_000,
    });
    const pulled = await pullModel(NAME, { ...options, retries: 1 });
    expect(pulled.sha256).toBe(hub.sha256);
    expect(gets().map(({ headers }) => headers.range)).toEqual([undefined, "bytes=10000-", "bytes=30000-"]);
    expect(gets()[1]!.headers["if-range"]).toBe('"one"');
    expectWhole();
  });

  test("an abort keeps what has come", async () => {
    const controller = new AbortController();
    hub.instead = (request, response) => {
      if (request.method !== "GET" || request.url !== "/store/blob") return false;
      response.writeHead(200, { "content-length": String(hub.size), etag: hub.etag });
      response.write(hub.content.subarray(0, 5000), () => setTimeout(() => controller.abort(), 20));
      return true;
    };
    await expect(pullModel(NAME, { ...options, signal: controller.signal })).rejects.toThrow(/abort/);
    expect(statSync(paths().part).size).toBe(5000);
    expect(existsSync(paths().lock)).toBe(false);
    delete hub.instead;
    await pullModel(NAME, options);
    expect(gets().at(-1)!.headers.range).toBe("bytes=5000-");
    expectWhole();
  });

  test("killed between its last two steps, only the renaming is left", async () => {
    await pullModel(NAME, options);
    const { model, part, partFacts } = paths();
    writeFileSync(part, readFileSync(model));
    writeFileSync(partFacts, JSON.stringify({ sha256: hub.sha256, size: hub.size }));
    rmSync(model);
    await pullModel(NAME, options);
    expect(gets().length).toBe(1);
    expectWhole();
  });

  test("the file behind the name has changed: from the beginning", async () => {
    hub.breaks = [10_000];
    await expect(pullModel(NAME, options)).rejects.toThrow(InputError);
    const { content } = hub;
    content[content.length - 1]! ^= 1;
    Object.assign(hub, { etag: '"two"', sha256: createHash("sha256").update(content).digest("hex") });
    await pullModel(NAME, options);
    expect(gets().at(-1)!.headers.range).toBeUndefined();
    expectWhole();
  });

  test("only the store's ETag has changed: the server sends all, and all is taken", async () => {
    hub.breaks = [10_000];
    await expect(pullModel(NAME, options)).rejects.toThrow(InputError);
    hub.etag = '"two"';
    await pullModel(NAME, options);
    expect(gets().at(-1)!.headers["if-range"]).toBe('"one"');
    expectWhole();
  });

  test("the token goes to the hub and to nobody else", async () => {
    const store = createServer((request, response) => {
      hub.requests.push({ method: "store", url: request.url ?? "", headers: request.headers });
      response
        .writeHead(200, { "content-length": String(hub.size) })
        .end(request.method === "GET" ? hub.content : "");
    });
    await new Promise<void>((resolve) => store.listen(0, "127.0.0.1", resolve));
    const location = `http://127.0.0.1:${(store.address() as AddressInfo).port}/x`;
    hub.instead = (_, response) => {
      response
        .writeHead(302, { location, "x-linked-etag": `"${hub.sha256}"`, "x-linked-size": String(hub.size) })
        .end();
      return true;
    };
    await pullModel(NAME, options);
    const told = (method: string) =>
      hub.requests.filter((r) => r.method === method).map((r) => r.headers.authorization);
    expect(told("GET")).toEqual(["Bearer hf_secret"]);
    expect(told("store")).toEqual([undefined]);
    store.closeAllConnections();
    await new Promise((resolve) => store.close(resolve));
  });
});

describe("a pull is refused", () => {
  test("where the bytes are others than stated; nothing of them is kept", async () => {
    hub.sha256 = "0".repeat(64);
    await expect(pullModel(NAME, options)).rejects.toThrow(/does not match its checksum/);
    for (const path of Object.values(paths())) expect(existsSync(path)).toBe(false);
  });

  test("where the file is right but no GGUF", async () => {
    hub.content = Buffer.from("MZ, not a model");
    Object.assign(hub, {
      size: hub.content.length,
      sha256: createHash("sha256").update(hub.content).digest("hex"),
    });
    await expect(pullModel(NAME, options)).rejects.toThrow(/does not begin with GGUF/);
    expect(existsSync(paths().model)).toBe(false);
  });

  test("where the store has fewer bytes than the hub states, or more", async () => {
    const { length } = hub.content;
    hub.size = length + 5;
    await expect(pullModel(NAME, { ...options, retries: 1 })).rejects.toThrow(InputError);
    expect(gets().length).toBeLessThan(4);
    hub.size = length - 5;
    await expect(pullModel(NAME, options)).rejects.toThrow(/more bytes came/);
    hub.size = length;
    await pullModel(NAME, options);
    expectWhole();
  });

  test("where a range is not served: 416, or another range than asked for", async () => {
    for (const reply of [
      { status: 416, range: undefined },
      { status: 206, range: `bytes 0-9/${hub.content.length}` },
      { status: 206, range: undefined },
    ]) {
      hub.breaks = [10_000];
      await expect(pullModel(NAME, options)).rejects.toThrow(InputError);
      let once = true;
      hub.instead = (request, response) => {
        if (!request.headers.range || request.url !== "/store/blob" || !once) return false;
        once = false;
        response.writeHead(reply.status, reply.range ? { "content-range": reply.range } : {}).end();
        return true;
      };
      await pullModel(NAME, { ...options, retries: 1 });
      expectWhole();
      rmSync(cache, { recursive: true });
    }
  });

  test("in words that say what to do", async () => {
    const saying = async (status: number, headers = {}) => {
      hub.instead = (_, response) => {
        response.writeHead(status, headers).end("<html>");
        return true;
      };
      const error = await pullModel(NAME, options).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(InputError);
      expect((error as Error).message).not.toContain("hf_secret");
      return (error as Error).message;
    };
    expect(await saying(404)).toMatch(/no such file/);
    expect(await saying(401)).toMatch(/HF_TOKEN/);
    expect(await saying(503)).toMatch(/HTTP 503: try again later/);
    expect(await saying(200)).toMatch(/does not state the size and SHA-256/);
    expect(await saying(302, { location: "file:///etc/passwd" })).toMatch(/not https/);
    expect(await saying(302, { location: "/owner/repo/resolve/main/model.gguf" })).toMatch(
      /more than 10 redirects/,
    );
    const linked = { "x-linked-etag": hub.sha256, "x-linked-size": "900000000000000" };
    expect(await saying(200, linked)).toMatch(/900000.0 GB are needed/);
    const nobody = pullModel(NAME, { ...options, endpoint: "http://127.0.0.1:9" });
    await expect(nobody).rejects.toThrow(/the hub cannot be reached/);
    await expect(pullModel(NAME, { ...options, endpoint: "ftp://x" })).rejects.toThrow(/HF_ENDPOINT/);
    await expect(pullModel("nano", options)).rejects.toThrow(/nothing to pull/);
    await expect(pullModel("no such", options)).rejects.toThrow(/vikhr models list/);
  });

  test("an endpoint with https is never left for http", async () => {
    const asked: string[] = [];
    const endpoint = "https://hub.test";
    const fake: typeof fetch = async (url) => {
      asked.push(String(url));
      return new Response(null, { status: 302, headers: { location: "http://hub.test/plain" } });
    };
    await expect(pullModel(NAME, { ...options, endpoint, fetch: fake })).rejects.toThrow(/not https/);
    expect(asked).toEqual(["https://hub.test/owner/repo/resolve/main/model.gguf"]);
  });

  test("while another one is under way; that of a dead process is taken over", async () => {
    let during: unknown;
    hub.instead = (request, response) => {
      if (request.method !== "GET" || request.url !== "/store/blob" || during) return false;
      during = pullModel(NAME, options).catch((error: unknown) => error);
      void (during as Promise<unknown>).then(() => response.end(hub.content));
      return true;
    };
    await pullModel(NAME, options);
    expect(String(await during)).toMatch(/already under way \(process \d+ on /);
    expectWhole();
    rmSync(cache, { recursive: true });
    mkdirSync(dirname(paths().lock), { recursive: true });
    const { hostname } = await import("node:os");
    // Above the largest process id of any system.
    writeFileSync(paths().lock, `999999999 ${hostname()} 00\n`);
    await pullModel(NAME, options);
    expectWhole();
  });
});
