/** What the processor can do, in the kernel's words: `avx2`, `asimd`. Only Linux tells without native code. */
import { readFileSync } from "node:fs";

export function processorFlags(): string[] | undefined {
  if (process.platform !== "linux") return undefined;
  const line = readFileSync("/proc/cpuinfo", "utf8").match(/^(?:flags|Features)\s*:(.*)$/m)?.[1];
  return line?.trim().split(/\s+/);
}
