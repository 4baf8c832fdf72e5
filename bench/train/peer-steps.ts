/** The peer's side: train-peer.py in a process that takes steps on request. Without PyTorch there is no peer. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Duration } from "./our-steps.ts";
import type { BenchShape } from "./shapes.ts";

export interface Peer {
  version: string;
  blas: string[];
  parameters: number;
  take(steps: number): Promise<Duration>;
  close(): void;
}

export const HOW_TO_INSTALL =
  "PyTorch is not there; on Debian: apt-get install python3-torch libopenblas0-pthread (without the latter it multiplies ten times slower)";

/** The first Python that has PyTorch: the one on the path, or the system's. */
export function findPython(): string | undefined {
  return ["python3", "/usr/bin/python3"].find(
    (python) => spawnSync(python, ["-c", "import torch"]).status === 0,
  );
}

export async function openPeer(python: string, shape: BenchShape, threads: number): Promise<Peer> {
  const { config, length, rows } = shape;
  const settings = JSON.stringify({ ...config, length, rows, threads });
  const count = String(threads);
  const child: ChildProcess = spawn(python, [join(import.meta.dirname, "../train-peer.py"), settings], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, OMP_NUM_THREADS: count, OPENBLAS_NUM_THREADS: count },
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("train-peer.py ended: see above");
    return JSON.parse(value) as Record<string, unknown>;
  };
  const { version, blas, parameters } = (await next()) as {
    version: string;
    blas: string[];
    parameters: number;
  };
  return {
    version,
    blas,
    parameters,
    async take(steps) {
      child.stdin!.write(`${steps}\n`);
      return (await next()) as unknown as Duration;
    },
    close() {
      child.stdin!.end();
    },
  };
}
