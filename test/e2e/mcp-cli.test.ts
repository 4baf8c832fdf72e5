/** `vikhr mcp` as assistants run it: the official client over stdio, the shipped model, a collection on disk. */
import { spawn } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { type CallToolResult, JSONRPCMessageSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cliProcess, runCli } from "./run-cli.ts";

let root: string;
let docs: string;
let clients: Client[];
beforeEach(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "vikhr-mcp-")));
  docs = join(root, "docs");
  clients = [];
  mkdirSync(docs);
  writeFileSync(join(docs, "ice.md"), "# Ледники\n\nЛедник Аккем отступает на 12 метров в год.\n");
  writeFileSync(join(docs, "sea.txt"), "The sea level at Port Arden rose by 9 centimetres.");
  expect((await runCli(["add", "docs"], { folder: root })).code).toBe(0);
}, 300_000);
afterEach(async () => {
  for (const client of clients) await client.close();
  rmSync(root, { recursive: true, force: true });
});

type Server = ConstructorParameters<typeof StdioClientTransport>[0];

async function connect(server: Server) {
  const client = new Client({ name: "test", version: "0" });
  const transport = new StdioClientTransport({ ...server, stderr: "pipe" });
  let stderr = "";
  transport.stderr!.on("data", (text) => {
    stderr += text;
  });
  const faults: Error[] = [];
  // Anything on stdout that is not the protocol's comes here.
  client.onerror = (error) => faults.push(error);
  await client.connect(transport);
  await client.listTools();
  clients.push(client);
  return { client, faults, stderr: () => stderr };
}

/** The client has checked it against the tool's own schema. */
async function call(
  client: Client,
  name: string,
  args: Record<string, unknown> = {},
): Promise<Record<"collections" | "hits" | "passages", unknown>> {
  const result = (await client.callTool({ name, arguments: args })) as CallToolResult;
  expect(result.isError, JSON.stringify(result.content)).not.toBe(true);
  return result.structuredContent as Record<"collections" | "hits" | "passages", unknown>;
}

test("the setting that the README gives works as it stands", async () => {
  const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
  const setting = JSON.parse(/```json\n(\{ "mcpServers"[^`]*)```/.exec(readme)![1]!);
  const { command, args, env } = cliProcess([], { folder: root });
  const bin = join(root, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "vikhr"), `#!/bin/sh\nexec "${[command, ...args].join('" "')}" "$@"\n`);
  chmodSync(join(bin, "vikhr"), 0o755);
  const { client } = await connect({
    ...setting.mcpServers.vikhr,
    env: { ...env, PATH: `${bin}:${env.PATH}` },
    cwd: "/",
  });
  const { collections } = await call(client, "list_collections");
  expect(collections).toEqual([{ name: "default", documents: 2, sources: [docs] }]);
});

test("a model answers from files, which stay as they were indexed until the next sync", async () => {
  const { client, faults, stderr } = await connect(
    cliProcess(["mcp", "--model", "nano", "--temperature", "0"], { folder: root }),
  );
  // As it comes: the client forgets who wanted to be told when the result comes in one piece with the last of it.
  const told: (string | undefined)[] = [];
  const receive = client.transport!.onmessage!;
  client.transport!.onmessage = (message) => {
    if ("method" in message && message.method === "notifications/progress")
      told.push((message.params as { message?: string }).message);
    receive(message);
  };
  const params = { name: "ask", arguments: { question: "How much did the sea level at Port Arden rise?" } };
  const { structuredContent } = await client.callTool(params, undefined, { onprogress: () => undefined });
  const asked = structuredContent as { answer: string };
  expect(asked).toMatchObject({ model: "nano", finish_reason: "stop" });
  expect(told.slice(2).join("")).toBe(asked.answer);
  expect(told.length).toBeGreaterThan(3);

  const { resources } = await client.listResources();
  expect(resources.map(({ name }) => name)).toEqual([join(docs, "ice.md"), join(docs, "sea.txt")]);
  const { contents } = await client.readResource({ uri: resources[1]!.uri });
  expect(contents).toMatchObject([{ text: "The sea level at Port Arden rose by 9 centimetres." }]);

  // A file of the collection becomes a link to what is none of its business.
  const secret = join(root, "secret.txt");
  writeFileSync(secret, "The password of the sea is 12345.");
  rmSync(join(docs, "sea.txt"));
  symlinkSync(secret, join(docs, "sea.txt"));
  const read = await call(client, "read_document", { document: join(docs, "sea.txt") });
  expect(read.passages).toMatchObject([{ start: 0, quotation: expect.stringContaining("9 centimetres") }]);
  for (const document of [secret, "../secret.txt", join(docs, "../secret.txt")])
    expect(await client.callTool({ name: "read_document", arguments: { document } })).toMatchObject({
      isError: true,
    });

  // What another process writes is there at once.
  rmSync(join(docs, "sea.txt"));
  writeFileSync(join(docs, "wind.md"), "Ветер дует с моря.");
  expect((await runCli(["sync"], { folder: root })).code).toBe(0);
  const { hits } = await call(client, "search", { query: "ветер" });
  expect(hits).toMatchObject([{ source: join(docs, "wind.md"), quotation: "Ветер дует с моря." }]);
  expect((await call(client, "search", { query: "sea level" })).hits).toEqual([]);
  expect(faults).toEqual([]);
  expect(stderr()).toBe("");
});

test("a model that does not open is told to whoever asks, and the rest goes on", async () => {
  const { client } = await connect(cliProcess(["mcp", "--model", "none"], { folder: root }));
  const params = { name: "ask", arguments: { question: "Sea level?" } };
  for (let i = 0; i < 2; i++)
    expect(await client.callTool(params)).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining("none") }],
    });
  expect((await call(client, "search", { query: "sea level" })).hits).toHaveLength(1);
});

describe("it ends, with nothing but the protocol on stdout,", () => {
  const INITIALIZE = {
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "0" } },
  };
  const ASK = {
    id: 2,
    method: "tools/call",
    params: {
      name: "ask",
      arguments: { question: "How much did the sea level at Port Arden rise?" },
      _meta: { progressToken: 1 },
    },
  };

  for (const [how, end] of [
    ["when stdin does", (child: ReturnType<typeof start>) => child.stdin.end()],
    ["at Ctrl-C", (child: ReturnType<typeof start>) => child.kill("SIGINT")],
    ["at a polite end from outside", (child: ReturnType<typeof start>) => child.kill("SIGTERM")],
  ] as const)
    test(`${how}, also during an answer`, async () => {
      const child = start();
      let stdout = "";
      let stderr = "";
      const send = (message: object) =>
        child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
      child.stderr.setEncoding("utf8").on("data", (text) => {
        stderr += text;
      });
      let isEnding = false;
      child.stdout.setEncoding("utf8").on("data", (text) => {
        if (stdout === "") send(ASK);
        stdout += text;
        if (!isEnding && stdout.includes("notifications/progress")) {
          isEnding = true;
          end(child);
        }
      });
      // No message of the protocol, and no harm.
      child.stdin.write("{}\nnonsense\n");
      send(INITIALIZE);
      const code = await new Promise((resolve) => child.once("close", resolve));
      expect(code).toBe(0);
      const lines = stdout.trim().split("\n");
      for (const line of lines) JSONRPCMessageSchema.parse(JSON.parse(line));
      expect(lines.length).toBeGreaterThan(1);
      expect(stderr).not.toContain("internal error");
    });

  function start() {
    const { command, args, cwd, env } = cliProcess(["mcp", "--model", "nano"], { folder: root });
    return spawn(command, args, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
  }
});
