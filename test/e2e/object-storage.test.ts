/** Collections whose indexes lie elsewhere: at a file:// address, and on S3 where moto_server, which speaks it, is there. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Collection } from "../../src/index/collections.ts";
import { runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-storage-"));
const hasMoto = spawnSync("moto_server", ["--help"]).status === 0;
afterAll(() => rmSync(folder, { recursive: true }));

function suite(name: string, storage: () => { VIKHR_INDEX: string; [variable: string]: string }) {
  const root = join(folder, name);
  const docs = join(root, "docs");
  beforeAll(() => {
    mkdirSync(docs, { recursive: true });
    writeFileSync(join(docs, "ice.md"), "# Ледники\n\nЛедники тают быстрее, чем прежде.");
    writeFileSync(join(docs, "sea.md"), "The sea rises by three millimetres a year.");
    const { VIKHR_INDEX: _, ...access } = storage();
    Object.assign(process.env, access);
  });
  const vikhr = (...args: string[]) => runCli([...args, "-C", "книги"], { folder: root, env: storage() });
  const here = join(root, "data", "collections");
  /** Without VIKHR_INDEX: collection.json says where it lies. */
  const found = async (query: string, collections = here) => {
    const index = await new Collection("книги", collections).openIndex();
    const hits = await index.search(query, 10);
    await index.close();
    return hits.map(({ chunk }) => chunk.text);
  };

  test("is written there; here stands what was added, and where it is", async () => {
    const run = await vikhr("add", "docs");
    expect([run.stderr, run.code]).toEqual(["", 0]);
    expect(readdirSync(join(here, "книги"))).toEqual(["collection.json"]);
    expect(JSON.parse(readFileSync(join(here, "книги", "collection.json"), "utf8"))).toMatchObject({
      index: `${storage().VIKHR_INDEX}/книги`,
    });
    expect(await found("ледник")).toEqual(["# Ледники\n\nЛедники тают быстрее, чем прежде."]);
  });

  test("another machine needs that file alone, and sees what changes", async () => {
    const there = join(root, "other", "collections");
    cpSync(join(here, "книги"), join(there, "книги"), { recursive: true });
    expect(await found("sea", there)).toEqual(["The sea rises by three millimetres a year."]);
    writeFileSync(join(docs, "sea.md"), "The sea rises by four millimetres a year.");
    rmSync(join(docs, "ice.md"));
    expect((await vikhr("sync")).stdout).toMatch(/0 added, 1 replaced, 1 removed/);
    expect(await found("sea", there)).toEqual(["The sea rises by four millimetres a year."]);
    expect(await found("ледник", there)).toEqual([]);
    expect(readdirSync(join(there, "книги"))).toEqual(["collection.json"]);
    // Without it the first sync would take out what the other added.
    const env = { ...storage(), VIKHR_DATA: join(root, "third") };
    const stranger = await runCli(["add", "docs", "-C", "книги"], { folder: root, env });
    expect(stranger.stderr).toMatch(/^vikhr: there is an index at [^\n]*collection\.json[^\n]*\n$/);
    expect(stranger.code).toBe(2);
    expect(await found("sea")).toHaveLength(1);
  });

  test("dropped, and deleted, it is gone there too", async () => {
    const collection = new Collection("книги", here);
    await collection.dropIndex();
    expect(await found("sea")).toEqual([]);
    await vikhr("sync");
    expect(await found("sea")).toHaveLength(1);
    const file = readFileSync(join(here, "книги", "collection.json"));
    await collection.delete();
    expect(readdirSync(here)).toEqual([]);
    mkdirSync(join(here, "книги"));
    writeFileSync(join(here, "книги", "collection.json"), file);
    expect(await found("sea")).toEqual([]);
  });
}

test("a place that is not there is said in one line, and nothing is written here", async () => {
  const env = { AWS_ENDPOINT: "http://127.0.0.1:1", AWS_ALLOW_HTTP: "true", AWS_REGION: "us-east-1" };
  const keys = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
  for (const VIKHR_INDEX of ["s3://bucket/vikhr", "nowhere://bucket/vikhr", "bucket"]) {
    const run = await runCli(["add", "."], { folder, env: { ...env, ...keys, VIKHR_INDEX } });
    // Before it Lance has said how often it tried.
    expect(run.stderr).toMatch(/(^|\n)vikhr: [^\n]*(s3:|nowhere:|VIKHR_INDEX is)[^\n]*\n$/);
    expect([run.stdout, run.code]).toEqual(["", 2]);
    expect(readdirSync(join(folder, "data", "collections", "default"))).toEqual([]);
  }
});

describe("file://", () =>
  suite("file", () => ({ VIKHR_INDEX: pathToFileURL(join(folder, "storage")).href })));

describe.runIf(hasMoto)(hasMoto ? "S3, by moto" : "S3 (skipped: there is no moto_server)", () => {
  let server: ChildProcess;
  let endpoint = "";
  beforeAll(async () => {
    const port = await freePort();
    server = spawn("moto_server", ["-H", "127.0.0.1", "-p", `${port}`], { stdio: "ignore" });
    endpoint = `http://127.0.0.1:${port}`;
    const makeBucket = () => fetch(`${endpoint}/vikhr`, { method: "PUT" }).catch(() => undefined);
    while (!(await makeBucket())?.ok) await sleep(100);
  });
  afterAll(async () => {
    server.kill();
    await new Promise((resolve) => server.once("exit", resolve));
  });
  suite("s3", () => ({
    VIKHR_INDEX: "s3://vikhr/indexes",
    AWS_ENDPOINT: endpoint,
    AWS_ALLOW_HTTP: "true",
    AWS_ACCESS_KEY_ID: "any",
    AWS_SECRET_ACCESS_KEY: "any",
    AWS_REGION: "us-east-1",
  }));
});

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((done) =>
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    }),
  );
}
