/** `vikhr serve` as people and programs meet it: a process, its port, its signals. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type CliOptions, type CliRun, runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-serve-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Served {
  url: string;
  signal(name: NodeJS.Signals): void;
  ended: Promise<CliRun>;
}

/** Resolves once the address is printed. */
function serve(args: readonly string[], options: Partial<CliOptions> = {}): Promise<Served> {
  return new Promise((resolve, reject) => {
    const ended = runCli(["serve", "--port", "0", ...args], {
      folder,
      ...options,
      onOutput(text, child) {
        const url = /^Vikhr is at (http:\S+) \(/m.exec(text)?.[1];
        if (url) resolve({ url, signal: (name) => process.kill(-child.pid!, name), ended });
      },
    });
    ended.then((run) => reject(new Error(`it ended: ${run.stderr}`)));
  });
}

const get = async (url: string, key?: string) => {
  const response = await fetch(url, key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe.concurrent("serve", () => {
  test("without a model, quotes; Ctrl-C ends it, and nothing else is printed to stdout", async () => {
    const { url, signal, ended } = await serve([]);
    expect((await get(`${url}/health`)).body).toMatchObject({ status: "ok", model: null, is_local: true });
    expect((await get(`${url}/v1/models`)).body).toMatchObject({ data: [{ id: "quotes" }] });
    signal("SIGINT");
    const run = await ended;
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/^Vikhr is at http:\/\/127\.0\.0\.1:\d+ \(quotes [^\n]*\n$/);
    const records = run.stderr.split("\n").filter((line) => line.startsWith("{"));
    expect(records.map((line) => JSON.parse(line).path)).toEqual(["/v1/models"]);
  });

  test("with the model that ships; another one by name; SIGTERM ends it", async () => {
    const { url, signal, ended } = await serve(["--model", "nano"]);
    expect((await get(`${url}/health`)).body).toMatchObject({ model: "nano" });
    const load = async (model: string) => {
      const body = JSON.stringify({ model });
      const headers = { "content-type": "application/json" };
      return (await fetch(`${url}/v1/models/load`, { method: "POST", headers, body })).status;
    };
    expect(await load("quotes")).toBe(200);
    expect((await get(`${url}/health`)).body).toMatchObject({ model: null });
    expect(await load("nano")).toBe(200);
    expect(await load("vikhr-8b")).toBe(400);
    expect((await get(`${url}/health`)).body).toMatchObject({ model: "nano" });
    signal("SIGTERM");
    const run = await ended;
    expect(run.code).toBe(0);
    // No terminal: what was chosen for the model is a record of the log, each time that one is loaded.
    const records = run.stderr.split("\n").filter((line) => line.startsWith("{"));
    const said = records.map((line) => JSON.parse(line)).filter(({ message }) => message !== undefined);
    expect(said).toEqual(
      [1, 2].map(() =>
        expect.objectContaining({
          level: "info",
          message: expect.stringMatching(
            /^nano: a context of [\d,]+ tokens in f16 \(.*\), .* of memory, CPU /,
          ),
          model: "nano",
          context_size: expect.any(Number),
          gpu_layers: 0,
        }),
      ),
    );
  });

  test("a request under way is answered before it ends; a second Ctrl-C does not wait", async () => {
    for (const isPatient of [true, false]) {
      const { url, signal, ended } = await serve([]);
      // A body that is not whole yet keeps its request open.
      let finish: () => void = () => undefined;
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"model":'));
          finish = () => {
            controller.enqueue(new TextEncoder().encode('"quotes"}'));
            controller.close();
          };
        },
      });
      const asked = fetch(`${url}/v1/models/load`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        duplex: "half",
      } as RequestInit).then(
        (response) => response.status,
        () => "cut",
      );
      // Once this is counted, that was, too: it came first.
      while (!/in_flight 2$/m.test(await (await fetch(`${url}/metrics`)).text()));
      signal("SIGINT");
      // Connections that were idle are closed meanwhile.
      const status = () =>
        get(`${url}/health`).then(
          (answer) => answer.status,
          () => 0,
        );
      while ((await status()) !== 503);
      if (isPatient) finish();
      else signal("SIGINT");
      expect(await asked).toBe(isPatient ? 200 : "cut");
      expect((await ended).code).toBe(isPatient ? 0 : 130);
    }
  });

  test("keys: one that was made, one of a variable; at a host that others reach", async () => {
    const made = await runCli(["keys", "new", "anna"], { folder });
    expect(made.code).toBe(0);
    const key = /shown once: (vikhr_\S{43})\n/.exec(made.stderr)![1]!;
    expect(made.stdout).toMatch(/^- \{ name: "anna", hash: "sha256:[0-9a-f]{64}" \}\n$/);
    writeFileSync(join(folder, "keys.yaml"), made.stdout);
    const { url, signal, ended } = await serve(["--host", "0.0.0.0", "--api-key-file", "keys.yaml"], {
      env: { VIKHR_API_KEYS: "correct-horse-battery-staple" },
    });
    const at = url.replace("0.0.0.0", "127.0.0.1");
    expect((await get(`${at}/v1/models`)).status).toBe(401);
    for (const good of [key, "correct-horse-battery-staple"])
      expect((await get(`${at}/v1/models`, good)).status).toBe(200);
    expect((await get(`${at}/health`)).body).toMatchObject({ is_local: false });
    signal("SIGINT");
    const run = await ended;
    expect(run.stderr).toMatch(/"key":"anna"/);
    expect(run.stderr + readFileSync(join(folder, "keys.yaml"), "utf8")).not.toContain(key);
  });

  test.each<[what: string, args: string[], says: RegExp, code?: number]>([
    [
      "open to others",
      ["--host", "0.0.0.0"],
      /whoever reaches 0\.0\.0\.0 could ask: .*--api-key-file.*--no-auth/,
    ],
    ["a short key", ["--api-key", "secret"], /--api-key number 1 is no safe key/],
    ["a file without keys", ["--api-key-file", "empty.yaml"], /cannot read empty\.yaml/],
    ["keys and none", ["--no-auth", "--api-key", "x".repeat(32)], /--no-auth and keys/],
    ["no port", ["--port", "web"], /--port must be a number/],
    ["a port that there is not", ["--port", "70000"], /--port must be 0 to 65535/],
    ["any origin", ["--cors", "*"], /--cors must be an origin/],
    ["no model", ["--model", "none.gguf"], /there is no model or file none\.gguf/],
    ["a host elsewhere", ["--host", "192.0.2.1", "--no-auth"], /192\.0\.2\.1 is no address of this machine/],
  ])("%s: one line, exit code 2", async (_, args, says) => {
    const run = await runCli(["serve", "--port", "0", ...args], { folder });
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(says);
    expect(run.stderr.trim().split("\n")).toHaveLength(1);
    expect(run.stdout).toBe("");
  });

  test("a port that is taken: one line, before any model is loaded", async () => {
    const taken = createServer();
    const port = await new Promise<number>((done) =>
      taken.listen(0, "127.0.0.1", () => done((taken.address() as { port: number }).port)),
    );
    const run = await runCli(["serve", "--port", String(port), "--model", "nano"], { folder });
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toBe(
      `vikhr: port ${port} of 127.0.0.1 is taken: stop what listens there, or choose another with --port\n`,
    );
    taken.close();
  });
});
