/** Another program, run to its end; stopped together with all that it has started. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { VikhrError } from "../../errors.ts";

export interface RunToolOptions {
  /** Rejects with its reason. */
  signal?: AbortSignal | undefined;
  /** Of what it prints. */
  onLine?(line: string): void;
}

/** Threat: one that complains for hours. Only the end is kept. */
const MAX_LINES = 1000;

/** Throws VikhrError, in one line, where it is not there or does not end well. */
export function runTool(
  command: string,
  args: readonly string[],
  { signal, onLine }: RunToolOptions = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, for whoever stops it.
      detached: true,
      env: { ...process.env, LC_ALL: "C" },
    });
    const stop = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid);
      } catch {
        // It has just ended.
      }
    };
    signal?.addEventListener("abort", stop);
    const said: string[] = [];
    const hear = (line: string) => {
      onLine?.(line);
      said.push(line);
      if (said.length > MAX_LINES) said.shift();
    };
    createInterface({ input: child.stdout }).on("line", hear);
    createInterface({ input: child.stderr }).on("line", hear);
    child.once("error", (cause) =>
      reject(new VikhrError(`cannot run ${command}: ${cause.message}`, { cause })),
    );
    child.once("close", (code, by) => {
      signal?.removeEventListener("abort", stop);
      if (signal?.aborted) reject(signal.reason);
      else if (code === 0) resolve();
      else reject(new VikhrError(`${command} failed (${by ?? `exit code ${code}`}): ${tellingLine(said)}`));
    });
  });
}

/** The first error is the one that the others follow from. */
function tellingLine(lines: readonly string[]): string {
  const said = lines.filter((line) => line.trim() !== "");
  return (
    said.find((line) => /(?<!\w)(fatal|error)(?!\w)/i.test(line)) ??
    said.at(-1) ??
    "it said nothing"
  ).trim();
}
