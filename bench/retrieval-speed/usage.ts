/** What this process has used so far, and what a folder takes on disk. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Of all threads, user and system. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

export interface Resident {
  /** Bytes. */
  peak: number;
  now: number;
}

export function resident(): Resident {
  return { peak: process.resourceUsage().maxRSS * 1024, now: process.memoryUsage.rss() };
}

export function folderBytes(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.reduce(
    (sum, entry) => sum + (entry.isFile() ? statSync(join(entry.parentPath, entry.name)).size : 0),
    0,
  );
}

/** The least value that `part` of the values do not exceed. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}
