/** What the next `vikhr sync` does to a collection that a killed process left. */
import { join } from "node:path";
import { readDocument } from "../../src/documents/read-document.ts";
import { Collection } from "../../src/index/collections.ts";
import { syncIndex } from "../../src/index/sync.ts";

/** Under the lock, which the dead process may have left behind. */
export async function syncUnderLock(data: string): Promise<void> {
  const collection = new Collection("default", join(data, "collections"));
  const unlock = await collection.lock();
  const index = await collection.openIndex();
  await syncIndex(index, collection.contents().sources, { read: readDocument });
  await index.close();
  await unlock();
}
