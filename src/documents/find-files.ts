/** A path or a glob pattern in, the files that it means out: for a folder, those below it that can be read. */
import { lstatSync, realpathSync, type Stats, statSync } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { isDynamicPattern } from "tinyglobby";
import { InputError } from "../errors.ts";
import { folderOfPattern, matchPattern } from "./match-pattern.ts";
import { isDocumentName } from "./read-document.ts";
import { folderThatHides, isUnreadableName, type Listing, leadsNowhere, walkFolder } from "./walk-folder.ts";

export interface FoundFile {
  /** Absolute, without links in it. */
  path: string;
  bytes: number;
  /** In milliseconds since 1970. */
  modified: number;
}

export interface FileFault {
  path: string;
  reason: string;
  /** What is below it cannot be seen now, and may well be there. */
  isClosed: boolean;
}

export interface FoundFiles {
  /** By path, each once however many links lead to it. */
  files: FoundFile[];
  /** What has a document's name and is no file that can be opened, and folders that cannot be looked into. */
  faults: FileFault[];
  /** Paths of files of kinds that are not read. */
  passedOver: string[];
  /** What links lead to, and is not there: perhaps folders of a disk that is not plugged in. */
  away: string[];
}

export interface FindOptions {
  /** What it was when it was linked. Default: what it looks like. */
  kind?: "file" | "folder" | "pattern";
  signal?: AbortSignal | undefined;
}

/**
 * Throws InputError where there is no such file, with the system's error as its cause where there may be one, and the
 * signal's reason where it aborts.
 */
export async function findFiles(
  pathOrPattern: string,
  { kind, signal }: FindOptions = {},
): Promise<FoundFiles> {
  if (kind === "pattern") return matchFiles(pathOrPattern, signal);
  const facts = await stat(pathOrPattern).catch((error: NodeJS.ErrnoException) => error);
  if (facts instanceof Error) {
    if (kind === undefined && isDynamicPattern(pathOrPattern)) return matchFiles(pathOrPattern, signal);
    throw unreadable(pathOrPattern, facts);
  }
  if (facts.isFile())
    return { files: [found(await realpath(pathOrPattern), facts)], faults: [], passedOver: [], away: [] };
  if (facts.isDirectory()) return judge(await walkFolder(pathOrPattern, signal));
  throw new InputError(`${pathOrPattern} is neither a file nor a folder`);
}

async function matchFiles(pattern: string, signal: AbortSignal | undefined): Promise<FoundFiles> {
  const absolute = resolve(pattern);
  const folder = folderOfPattern(absolute);
  await stat(folder).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(folder, error);
  });
  return judge(await matchPattern(absolute, signal));
}

function unreadable(path: string, error: NodeJS.ErrnoException): InputError {
  if (error.code === "ENOENT") return new InputError(`cannot read ${path}: there is no such file`);
  return new InputError(`cannot read ${path}: ${error.message}`, { cause: error });
}

const found = (path: string, { size, mtimeMs }: Stats): FoundFile => ({
  path,
  bytes: size,
  modified: mtimeMs,
});

/** Without a promise for each: a folder may have a hundred thousand files. */
function judge({ paths, closed, away }: Listing): FoundFiles {
  const files = new Map<string, FoundFile>();
  const faults = new Map(closed.map(({ path, error }) => [path, closedFault(path, error)]));
  const passedOver: string[] = [];
  for (const path of paths) {
    if (!isDocumentName(path)) {
      passedOver.push(path);
      continue;
    }
    try {
      const real = realpathSync.native(path);
      if (files.has(real)) continue;
      const facts = statSync(real);
      if (facts.isFile()) files.set(real, found(real, facts));
      else faults.set(path, { path, reason: "it is no file", isClosed: false });
    } catch (error) {
      const fault = faultOf(path, error as NodeJS.ErrnoException);
      if (fault) faults.set(fault.path, fault);
    }
  }
  return {
    files: [...files.values()].sort(byPath),
    faults: [...faults.values()].sort(byPath),
    passedOver,
    away,
  };
}

function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/** None of a file that is gone by now. */
function faultOf(path: string, error: NodeJS.ErrnoException): FileFault | undefined {
  if (!leadsNowhere(error)) return closedFault(folderThatHides(path), error);
  if (isUnreadableName(path)) return { path, reason: NOT_UTF_8, isClosed: false };
  if (error.code === "ELOOP") return { path, reason: "it is a link that leads in a circle", isClosed: false };
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  return { path, reason: "it is a link to what is not there", isClosed: false };
}

const NOT_UTF_8 = "its name is not in UTF-8: rename it";

function closedFault(path: string, error: NodeJS.ErrnoException): FileFault {
  if (isUnreadableName(path)) return { path, reason: NOT_UTF_8, isClosed: true };
  // The system's own words, without the path again.
  const why = error.message.replace(/, \w+ '.*$/s, "");
  return {
    path,
    reason: `this folder cannot be looked into, and its documents stay: ${why}`,
    isClosed: true,
  };
}
