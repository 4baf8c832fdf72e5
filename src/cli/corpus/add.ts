/** `vikhr add`: paths, patterns and addresses into a collection, where they stay linked. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { isDynamicPattern } from "tinyglobby";
import { isAddress } from "../../documents/fetch-page.ts";
import { InputError } from "../../errors.ts";
import { Collection, DEFAULT_COLLECTION, type LinkedSource } from "../../index/collections.ts";
import { syncCollection } from "./sync-collection.ts";

export async function add(paths: readonly string[], flags: Record<string, unknown>): Promise<number> {
  const collection = new Collection(String(flags.collection ?? DEFAULT_COLLECTION));
  // All are looked at before anything is written.
  const added = paths.map(toSource);
  return syncCollection(collection, flags, {
    change: (sources) => [
      ...sources.filter(({ location }) => added.every((source) => source.location !== location)),
      ...added,
    ],
  });
}

function toSource(path: string): LinkedSource {
  if (isAddress(path)) return { location: path, kind: "address" };
  const facts = statSync(path, { throwIfNoEntry: false });
  const location = resolve(path);
  if (facts?.isDirectory()) return { location, kind: "folder" };
  if (facts?.isFile()) return { location, kind: "file" };
  if (facts) throw new InputError(`${path} is neither a file nor a folder`);
  if (isDynamicPattern(path)) return { location, kind: "pattern" };
  throw new InputError(`cannot read ${path}: there is no such file: check the path`);
}
