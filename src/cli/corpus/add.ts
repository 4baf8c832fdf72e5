/** `vikhr add`: paths, patterns and addresses into a collection, where they stay linked. */
import { Collection, DEFAULT_COLLECTION } from "../../index/collections.ts";
import { assertMatching, linkedSource, withSources } from "../../index/linked-source.ts";
import { syncCollection } from "./sync-collection.ts";

export async function add(paths: readonly string[], flags: Record<string, unknown>): Promise<number> {
  const collection = new Collection(String(flags.collection ?? DEFAULT_COLLECTION));
  // All are looked at before anything is written.
  const added = paths.map(linkedSource);
  for (const source of added) await assertMatching(source);
  return syncCollection(collection, flags, { change: (sources) => withSources(sources, added) });
}
