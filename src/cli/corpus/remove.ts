/** `vikhr remove`: what was added out of a collection, or the collection itself; the files stay where they are. */
import { resolve } from "node:path";
import { EXIT, InputError } from "../../errors.ts";
import { type Collection, DEFAULT_COLLECTION } from "../../index/collections.ts";
import { patternLocation } from "../../index/linked-source.ts";
import type { SyncPart } from "../../rag/sync-corpus.ts";
import { terminalJson, terminalLine } from "../../util/terminal-text.ts";
import { existing } from "./sync.ts";
import { syncCollection } from "./sync-collection.ts";

export async function remove(paths: readonly string[], flags: Record<string, unknown>): Promise<number> {
  if (flags.all && paths.length > 0)
    throw new InputError(
      "--all removes the whole collection, and paths are given, too: give one of them; nothing was removed",
    );
  const collection = existing(String(flags.collection ?? DEFAULT_COLLECTION));
  if (flags.all) return removeAll(collection, flags);
  if (paths.length === 0)
    throw new InputError("what shall be removed? give what was added, or --all for the whole collection");
  const known = new Set(collection.contents().sources.map(({ location }) => location));
  const spellings = (path: string) => [path, resolve(path), patternLocation(path)];
  const gone = new Set(paths.map((path) => spellings(path).find((one) => known.has(one)) ?? resolve(path)));
  for (const location of gone)
    if (!known.has(location))
      throw new InputError(`${location} was not added to ${collection.name}: see vikhr collections`);
  return syncCollection(collection, flags, {
    change: (sources) => sources.filter(({ location }) => !gone.has(location)),
    part: () => unlinked(collection),
  });
}

async function removeAll(collection: Collection, { json }: Record<string, unknown>): Promise<number> {
  const { name } = collection;
  const unlock = await collection.lock();
  try {
    await collection.delete();
  } finally {
    await unlock();
  }
  const said = json
    ? terminalJson({ collection: name, deleted: true })
    : terminalLine(`${name}: removed; your files are where they were`);
  process.stdout.write(`${said}\n`);
  return EXIT.ok;
}

/** What nothing that is linked stands for, also from a removal that failed: the rest is for sync. */
async function unlinked(collection: Collection): Promise<SyncPart> {
  const linked = new Set(collection.contents().sources.map(({ location }) => location));
  const index = await collection.openIndex();
  try {
    const gone = (await index.documents()).filter(({ addedAs }) => !linked.has(addedAs));
    return { only: new Set(gone.map(({ source }) => source)) };
  } finally {
    await index.close();
  }
}
