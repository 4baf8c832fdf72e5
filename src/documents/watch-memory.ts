/**
 * A process in, how much memory it takes out: asked once, or watched until it is more than it may have. Node's own
 * bounds are of the heap alone; what is unpacked lies beside it.
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** Milliseconds. What unpacks fastest adds some hundred MB meanwhile. */
const INTERVAL = 100;

/** `onMore` is called when it takes more than `limit` MB, perhaps again and again. What is returned ends the watch. */
export function watchMemory(pid: number | undefined, limit: number, onMore: () => void): () => void {
  let asking = false;
  const timer = setInterval(async () => {
    if (asking) return;
    asking = true;
    if ((await memoryOf(pid)) > limit) onMore();
    asking = false;
  }, INTERVAL);
  return () => clearInterval(timer);
}

/** In MB; 0 where the process is gone or never came, or the system does not tell. */
export async function memoryOf(pid: number | undefined): Promise<number> {
  try {
    return (await (process.platform === "linux" ? fromProc(pid) : fromPs(pid))) / 1024;
  } catch {
    return 0;
  }
}

/** With what was swapped out: it is no less for that. */
async function fromProc(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return [...status.matchAll(/^Vm(?:RSS|Swap):\s+(\d+) kB/gm)].reduce(
    (sum, [, size]) => sum + Number(size),
    0,
  );
}

async function fromPs(pid: number | undefined): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", `${pid}`]);
  return Number(stdout);
}
