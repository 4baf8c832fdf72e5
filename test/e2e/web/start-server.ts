/** A server with the page, on a free port: the fake of the contract, or `vikhr serve` with the small model that ships. */
import { type ChildProcess, execFile } from "node:child_process";
import { once } from "node:events";
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

export interface RealServer extends RunningServer {
  /** At once, as a machine that fails. */
  kill(): Promise<void>;
  /** Where it was, with what it had. */
  restart(): Promise<void>;
}

export async function startRealServer(model = "nano", env: Record<string, string> = {}): Promise<RealServer> {
  const folder = mkdtempSync(join(tmpdir(), "vikhr-web-"));
  let child!: ChildProcess;
  const start = (port: string) =>
    new Promise<string>((done, fail) => {
      const run = runCli(["serve", "--port", port, "--model", model], {
        folder,
        env,
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
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  };
  const url = await start("0");
  return {
    url,
    kill: () => end("SIGKILL"),
    async restart() {
      await start(new URL(url).port);
    },
    async close() {
      await end("SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
