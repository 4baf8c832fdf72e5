/** `vikhr remove`: what was added out of a collection, or the collection itself; the files stay where they are. */
import { resolve } from "node:path";
import { EXIT, InputError } from "../../errors.ts";
import { DEFAULT_COLLECTION } from "../../index/collections.ts";
import { terminalLine } from "../../util/terminal-text.ts";
import { existing } from "./sync.ts";
import { syncCollection } from "./sync-collection.ts";

export async function remove(paths: readonly string[], flags: Record<string, unknown>): Promise<number> {
  const collection = existing(String(flags.collection ?? DEFAULT_COLLECTION));
  if (flags.all) {
    const unlock = await collection.lock();
    try {
      await collection.delete();
    } finally {
      await unlock();
    }
    process.stdout.write(`${terminalLine(`${collection.name}: removed; your files are where they were`)}\n`);
    return EXIT.ok;
  }
  if (paths.length === 0)
    throw new InputError("what shall be removed? give what was added, or --all for the whole collection");
  const known = new Set(collection.contents().sources.map(({ location }) => location));
  const gone = new Set(paths.map((path) => (known.has(path) ? path : resolve(path))));
  for (const location of gone)
    if (!known.has(location))
      throw new InputError(`${location} was not added to ${collection.name}: see vikhr collections`);
  return syncCollection(collection, flags, {
    change: (sources) => sources.filter(({ location }) => !gone.has(location)),
  });
}
