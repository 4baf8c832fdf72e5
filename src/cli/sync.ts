/** `vikhr sync`: collections brought up to the files that they were made from. */
import { EXIT, InputError } from "../errors.ts";
import { Collection, listCollections } from "../index/collections.ts";
import { syncCollection } from "./sync-collection.ts";

export async function sync(flags: Record<string, unknown>): Promise<number> {
  const names = flags.collection === undefined ? listCollections() : [String(flags.collection)];
  if (names.length === 0) throw new InputError("there is no collection yet: vikhr add <folder> makes one");
  let worst: number = EXIT.ok;
  for (const name of names) {
    const code = await syncCollection(existing(name), flags);
    if (code === EXIT.interrupted) return code;
    worst = Math.max(worst, code);
  }
  return worst;
}

/** Throws InputError where it was never made. */
export function existing(name: string): Collection {
  const collection = new Collection(name);
  if (!listCollections().includes(name))
    throw new InputError(`there is no collection ${name}: vikhr add <folder> --collection ${name} makes it`);
  return collection;
}
