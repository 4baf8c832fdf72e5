/** A pull that is killed (SIGKILL) in another process is taken up by the next one: its bytes, and its lock. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cachePaths } from "../../src/engine/registry/model-cache.ts";
import { pullModel } from "../../src/engine/registry/pull-model.ts";
import { writeTinyGguf } from "./tiny-gguf.ts";

const NAME = "hf:owner/repo/tiny.gguf";
const folder = mkdtempSync(join(tmpdir(), "vikhr-killed-"));
const cache = join(folder, "cache");
const ranges: (string | undefined)[] = [];
let content: Buffer;
let server: Server;
/** The first answer stops after half, and the connection stays open. */
let stuck = true;

beforeAll(async () => {
  const path = join(folder, "tiny.gguf");
  await writeTinyGguf(path);
  content = readFileSync(path);
  const sha256 = createHash("sha256").update(content).digest("hex");
  server = createServer((request, response) => {
    const linked = { "x-linked-etag": `"${sha256}"`, "x-linked-size": String(content.length) };
    if (request.method === "HEAD") return void response.writeHead(200, linked).end();
    ranges.push(request.headers.range);
    const start = Number(/\d+/.exec(request.headers.range ?? "0")![0]);
    const body = content.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, {
      etag: '"a"',
      "content-length": String(body.length),
      ...(start > 0 && { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` }),
    });
    if (stuck) response.write(body.subarray(0, body.length >> 1));
    else response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

test("killed half way, the next pull goes on from there", async () => {
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { part, partFacts, lock, model } = cachePaths(cache, { repository: "owner/repo", file: "tiny.gguf" });
  const script = join(import.meta.dirname, "pull-child.ts");
  const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", script, endpoint, cache, NAME], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const ended = new Promise((resolve) => child.on("exit", (_, signal) => resolve(signal)));
  const half = content.length >> 1;
  await expect
    .poll(() => existsSync(partFacts) && statSync(part).size, { timeout: 60_000, interval: 50 })
    .toBe(half);
  await expect(pullModel(NAME, { endpoint, cache })).rejects.toThrow(`process ${child.pid} on`);
  child.kill("SIGKILL");
  expect(await ended).toBe("SIGKILL");
  expect(existsSync(lock)).toBe(true);
  expect(existsSync(model)).toBe(false);
  stuck = false;
  const pulled = await pullModel(NAME, { endpoint, cache });
  expect(readFileSync(pulled.path).equals(content)).toBe(true);
  expect(ranges).toEqual([undefined, `bytes=${half}-`]);
  expect(existsSync(lock)).toBe(false);
});
