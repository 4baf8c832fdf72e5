/** A folder in, the paths of all files below it out, each once; and which folders cannot be looked into, and why. */
import { readlinkSync, realpathSync, statSync } from "node:fs";
import { readdir, realpath } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { isDocumentName } from "./read-document.ts";

export interface ClosedFolder {
  /** Without links in it. */
  path: string;
  error: NodeJS.ErrnoException;
}

export interface Listing {
  /** Files, whatever their kind, and what only looks like one: pipes, links that lead nowhere. */
  paths: string[];
  closed: ClosedFolder[];
  /** What links lead to, and is not there: perhaps folders of a disk that is not plugged in. */
  away: string[];
}

/** A promise for each folder and none for each file; each folder once, however many links lead to it. */
export async function walkFolder(root: string, signal?: AbortSignal): Promise<Listing> {
  const listing: Listing = { paths: [], closed: [], away: [] };
  const seen = new Set<string>();
  const waiting = [await realpath(root)];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    signal?.throwIfAborted();
    if (seen.has(folder)) continue;
    seen.add(folder);
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: Error) => error);
    if (entries instanceof Error) {
      if (!isGone(entries, folder)) listing.closed.push({ path: folder, error: entries });
      continue;
    }
    for (const entry of entries) {
      if (isLeftOut(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      else if (!entry.isSymbolicLink()) listing.paths.push(path);
      else follow(path, waiting, listing);
    }
  }
  return listing;
}

/** Names of folders of what people do not write themselves. */
export const LEFT_OUT: readonly string[] = ["node_modules", "__pycache__"];

/** These, and what is hidden. */
export function isLeftOut(name: string): boolean {
  return name.startsWith(".") || LEFT_OUT.includes(name);
}

/** Whether the error says that there is nothing, and not that it cannot be seen. */
export function isGone({ code }: NodeJS.ErrnoException, path: string): boolean {
  return (code === "ENOENT" || code === "ENOTDIR") && !isUnreadableName(path);
}

/** Node puts U+FFFD for the bytes of names that are not UTF-8, and then finds no file of that name. */
export function isUnreadableName(path: string): boolean {
  return path.includes("\uFFFD");
}

/** Whether a link leads nowhere; else what stopped it may go away, and what is behind it be seen again. */
export function leadsNowhere({ code }: NodeJS.ErrnoException): boolean {
  return code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP" || code === "ENAMETOOLONG";
}

/** The folder that hides the path, or what the link at the path leads to. */
export function folderThatHides(path: string): string {
  return withoutLinks(dirname(targetOf(path)));
}

/** Whether it is there or not. */
export function targetOf(link: string): string {
  try {
    return resolve(dirname(link), readlinkSync(link));
  } catch {
    // It is no link, or one that cannot be seen either.
    return link;
  }
}

export function withoutLinks(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    return folder;
  }
}

function follow(link: string, waiting: string[], { paths, closed, away }: Listing): void {
  try {
    if (statSync(link).isDirectory()) waiting.push(realpathSync.native(link));
    else paths.push(link);
  } catch (error) {
    if (!leadsNowhere(error as NodeJS.ErrnoException))
      closed.push({ path: folderThatHides(link), error: error as NodeJS.ErrnoException });
    else if (isDocumentName(link)) paths.push(link);
    else away.push(targetOf(link));
  }
}
