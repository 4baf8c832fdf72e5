/** `vikhr` with arguments in a process on one core, what it printed and what it used. */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Usage } from "./report-usage.ts";

/** Whether a process can be kept on one core. */
export const hasTaskset = () => spawnSync("taskset", ["-c", "0", "true"]).status === 0;

export interface RunOptions {
  /** For the collection, and for the report of what was used. */
  folder: string;
  oneCore: boolean;
}

export async function runCommand(
  args: readonly string[],
  { folder, oneCore }: RunOptions,
): Promise<{ output: string; usage: Usage }> {
  const report = join(folder, "usage.json");
  const usageModule = new URL("./report-usage.ts", import.meta.url);
  const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
  // This process's arguments to Node load TypeScript.
  const command = [process.execPath, ...process.execArgv, "--import", usageModule.href, main, ...args];
  const [program, ...rest] = oneCore ? ["taskset", "-c", "0", ...command] : command;
  const child = spawn(program!, rest, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, VIKHR_DATA: folder, VIKHR_BENCH_USAGE: report },
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [output, code] = await Promise.all([text(child.stdout), ended]);
  if (code !== 0) throw new Error(`vikhr ${args.join(" ")} ended with ${code}: see above`);
  return { output, usage: JSON.parse(readFileSync(report, "utf8")) as Usage };
}
