/** `vikhr serve` as its users start it: a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ROOT = join(import.meta.dirname, "../..");

export class VikhrServer {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(flags: readonly string[]): Promise<VikhrServer> {
    const args = ["--import", "tsx", join(ROOT, "src/cli/main.ts"), "serve", "--port", "0", ...flags];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"], cwd: ROOT });
    for await (const line of createInterface({ input: child.stdout! })) {
      const url = /http:\/\/[\w.:[\]]+/.exec(line)?.[0];
      if (url !== undefined) return new VikhrServer(child, url.replace(/\/$/, ""));
    }
    throw new Error("vikhr serve ended before it listened");
  }

  /** Bytes; of Linux. */
  resident(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    return 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)![1]);
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGINT");
    if (this.#child.exitCode === null) await once(this.#child, "exit");
  }
}
