/** A path or a glob pattern in, the files that it means out: for a folder, those below it that can be read. */
import { realpathSync } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { InputError } from "../errors.ts";
import { isDocumentName } from "./read-document.ts";

/** What people do not write themselves. Hidden files and folders are left out, too. */
const IGNORED = ["**/node_modules/**", "**/__pycache__/**"];

/**
 * Absolute paths without links in them, sorted, each once however many links lead to it; a circle of links ends.
 * Throws InputError where there is no such file, and the signal's reason where it aborts.
 */
export async function findFiles(pathOrPattern: string, signal?: AbortSignal): Promise<string[]> {
  const kind = await stat(pathOrPattern).catch((error: NodeJS.ErrnoException) => error);
  if (!(kind instanceof Error)) {
    if (kind.isFile()) return [await realpath(pathOrPattern)];
    if (kind.isDirectory()) return realPaths(await list("**/*", resolve(pathOrPattern), signal));
    throw new InputError(`${pathOrPattern} is neither a file nor a folder`);
  }
  if (isDynamicPattern(pathOrPattern)) return realPaths(await list(pathOrPattern, process.cwd(), signal));
  throw new InputError(
    `cannot read ${pathOrPattern}: ${kind.code === "ENOENT" ? "there is no such file" : kind.message}`,
  );
}

async function list(pattern: string, cwd: string, signal?: AbortSignal): Promise<string[]> {
  const found = await glob(pattern, {
    cwd,
    absolute: true,
    ignore: IGNORED,
    followSymbolicLinks: true,
    ...(signal && { signal }),
  });
  // What is found until then comes as if it were all.
  signal?.throwIfAborted();
  return found.filter(isDocumentName);
}

/** Without a promise for each: a folder may have a hundred thousand files. */
function realPaths(paths: readonly string[]): string[] {
  const real = new Set<string>();
  for (const path of paths)
    try {
      real.add(realpathSync.native(path));
    } catch {
      // A file that is gone by now is none.
    }
  return [...real].sort();
}
