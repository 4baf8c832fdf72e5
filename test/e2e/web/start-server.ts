/** A server with the page, on a free port: the fake of the contract, or `vikhr serve` with the small model that ships. */
import { type ChildProcess, execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { runCli } from "../run-cli.ts";
import { CHROMIUM } from "./browser.ts";
import type { RunningServer } from "./fake-server.ts";
import { startFakeServer } from "./fake-server.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

export type Kind = "fake" | "real";

export const KINDS: readonly Kind[] = ["fake", "real"];

if (!CHROMIUM) console.log("the web page: skipped, there is no chromium (apt-get install chromium)");

/** Of this source, as the server would have it. */
export async function buildWeb(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(ROOT, "node_modules/vite/bin/vite.js"), "build", "web"], {
    cwd: ROOT,
    // Tests run as "test", which React takes for development.
    env: { ...process.env, NODE_ENV: "production" },
  });
}

export const startServer = (
  kind: Kind,
  ...fake: Parameters<typeof startFakeServer>
): Promise<RunningServer> => (kind === "fake" ? startFakeServer(...fake) : startRealServer());

export async function startRealServer(model = "nano"): Promise<RunningServer> {
  const folder = mkdtempSync(join(tmpdir(), "vikhr-web-"));
  let child: ChildProcess | undefined;
  const url = await new Promise<string>((done, fail) => {
    const run = runCli(["serve", "--port", "0", "--model", model], {
      folder,
      onStart: (started) => {
        child = started;
      },
      onOutput: (text) => {
        const address = /http:\/\/[\w.[\]:]+:\d+/.exec(text)?.[0];
        if (address) done(address);
      },
    });
    run.then(({ code, stderr }) => fail(new Error(`the server ended with ${code}: ${stderr}`)), fail);
  });
  return {
    url,
    async close() {
      const ended = new Promise((done) => child?.once("exit", done));
      child?.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
