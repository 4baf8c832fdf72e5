/** A glob pattern in, the paths of the files that match it out; and which folders on the way cannot be looked into. */
import { type Dirent, readdir, realpath, type Stats, stat } from "node:fs";
import { dirname } from "node:path";
import { type FileSystemAdapter, glob, isDynamicPattern } from "tinyglobby";
import { isDocumentName } from "./read-document.ts";
import {
  folderThatHides,
  isGone,
  LEFT_OUT,
  type Listing,
  leadsNowhere,
  targetOf,
  withoutLinks,
} from "./walk-folder.ts";

/** What is hidden is left out by the library. */
const IGNORED = LEFT_OUT.map((name) => `**/${name}/**`);

/** Of an absolute pattern the folder above its first wildcard. */
export function folderOfPattern(pattern: string): string {
  return beforeWildcards(pattern).replace(/\\(.)/g, "$1");
}

/** `pattern` is absolute. */
export async function matchPattern(pattern: string, signal?: AbortSignal): Promise<Listing> {
  const noted: Noted = { closed: [], away: [] };
  const below = pattern.slice(beforeWildcards(pattern).length).replace(/^\/+/, "");
  const paths = await glob(below.replace(/^!(?!\()/, "\\!"), {
    cwd: folderOfPattern(pattern),
    absolute: true,
    ignore: IGNORED,
    followSymbolicLinks: true,
    ...(signal && { signal }),
    fs: noting(noted),
  });
  // What is found until then comes as if it were all.
  signal?.throwIfAborted();
  return { paths, ...noted };
}

function beforeWildcards(pattern: string): string {
  let folder = pattern;
  while (isDynamicPattern(folder)) folder = dirname(folder);
  return folder;
}

/** The library passes over in silence what cannot be read, pipes, and links that lead nowhere: here they are files. */
function noting({ closed, away }: Noted): FileSystemAdapter {
  const noFolder = { isDirectory: () => false } as Stats;
  const adapter = {
    readdir: (path: string, options: { withFileTypes: true }, done: Done<Dirent[]>) =>
      readdir(path, options, (error, entries) => {
        if (error && !isGone(error, path)) closed.push({ path: withoutLinks(path), error });
        done(error, entries?.map(asFile));
      }),
    realpath: (path: string, done: Done<string>) =>
      realpath(path, (error, real) => {
        if (error && !leadsNowhere(error)) closed.push({ path: folderThatHides(path), error });
        if (!error || isDocumentName(path)) return done(null, error ? path : real);
        if (leadsNowhere(error)) away.push(targetOf(path));
        done(error, undefined);
      }),
    stat: (path: string, done: Done<Stats>) =>
      stat(path, (error, facts) => done(null, error ? noFolder : facts)),
  };
  return adapter as unknown as FileSystemAdapter;
}

type Noted = Omit<Listing, "paths">;

type Done<T> = (error: Error | null, result: T | undefined) => void;

function asFile(entry: Dirent): Dirent {
  entry.isFile = () => !entry.isDirectory() && !entry.isSymbolicLink();
  return entry;
}
