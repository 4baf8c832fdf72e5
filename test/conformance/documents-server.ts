/** Starts serve-documents.ts in a process of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const ROOT = resolve(import.meta.dirname, "../..");
const TSX = pathToFileURL(join(ROOT, "node_modules/tsx/dist/loader.mjs")).href;

export interface DocumentsServer {
  url: string;
  /** Resident, in bytes. */
  memory(): number;
  /** At once, as kill -9 does. */
  kill(): Promise<void>;
}

/** `data` is where its collections lie. */
export async function startDocumentsServer(data: string): Promise<DocumentsServer> {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, ["--import", TSX, join(import.meta.dirname, "serve-documents.ts")], {
    env: { PATH, HOME, VIKHR_DATA: data },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port] = (await once(child.stdout, "data")) as [Buffer];
  return {
    url: `http://127.0.0.1:${Number(`${port}`)}`,
    memory: () =>
      1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
