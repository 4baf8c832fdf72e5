/** `vikhr sync`: collections brought up to the files that they were made from, once or for as long as it runs. */
import { EXIT, InputError } from "../../errors.ts";
import { Collection, listCollections } from "../../index/collections.ts";
import { terminalLine } from "../../util/terminal-text.ts";
import { onInterrupt } from "../signals.ts";
import { syncCollection } from "./sync-collection.ts";

export async function sync(flags: Record<string, unknown>): Promise<number> {
  const names = flags.collection === undefined ? listCollections() : [String(flags.collection)];
  if (names.length === 0) throw new InputError("there is no collection yet: vikhr add <folder> makes one");
  const collections = names.map(existing);
  const code = await syncAll(collections, flags);
  if (!flags.watch || code === EXIT.interrupted) return code;
  return keepInSync(collections, flags);
}

async function syncAll(
  collections: readonly Collection[],
  flags: Record<string, unknown>,
  onlyChanges = false,
): Promise<number> {
  let worst: number = EXIT.ok;
  for (const collection of collections) {
    const code = await syncCollection(collection, flags, { onlyChanges });
    if (code === EXIT.interrupted) return code;
    worst = Math.max(worst, code);
  }
  return worst;
}

/** Until Ctrl-C, which is how a watch ends. */
async function keepInSync(
  collections: readonly Collection[],
  flags: Record<string, unknown>,
): Promise<number> {
  const { watch } = await import("./watch.ts");
  const interruption = onInterrupt();
  const say = (text: string) => process.stderr.write(`vikhr: ${terminalLine(text)}\n`);
  const changed = async () => {
    try {
      await syncAll(collections, flags, true);
    } catch (error) {
      // Another process may write just now, or a disk be full: the next change is another try.
      if (!(error instanceof InputError)) throw error;
      say(error.message);
    }
  };
  try {
    await watch(
      collections.flatMap((collection) => collection.contents().sources),
      changed,
      { signal: interruption.signal, onReady: () => say("watching; Ctrl-C ends") },
    );
    return EXIT.ok;
  } finally {
    interruption.dispose();
  }
}

/** Throws InputError where it was never made. */
export function existing(name: string): Collection {
  const collection = new Collection(name);
  if (!listCollections().includes(name))
    throw new InputError(`there is no collection ${name}: vikhr add <folder> --collection ${name} makes it`);
  return collection;
}
