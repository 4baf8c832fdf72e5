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
