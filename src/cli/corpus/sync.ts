/** `vikhr sync`: collections brought up to the files that they were made from, once or for as long as it runs. */
import { EXIT, InputError } from "../../errors.ts";
import { Collection, type LinkedSource, listCollections } from "../../index/collections.ts";
import { terminalJson, terminalLine } from "../../util/terminal-text.ts";
import { onInterrupt } from "../signals.ts";
import { sayProblem } from "./say-problem.ts";
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
    const code = await syncOne(collection, flags, onlyChanges);
    if (code === EXIT.interrupted) return code;
    worst = Math.max(worst, code);
  }
  return worst;
}

/** Where none was named, one that fails does not stop the others. */
async function syncOne(
  collection: Collection,
  flags: Record<string, unknown>,
  onlyChanges: boolean,
): Promise<number> {
  try {
    return await syncCollection(collection, flags, { onlyChanges });
  } catch (error) {
    if (flags.collection !== undefined) throw error;
    const { name } = collection;
    const problem = sayProblem(name, error, flags);
    if (flags.json) process.stdout.write(`${terminalJson({ collection: name, problem })}\n`);
    return EXIT.partly;
  }
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
    await watch(collections.flatMap(sourcesOf), changed, {
      signal: interruption.signal,
      onReady: () => say("watching; Ctrl-C ends"),
    });
    return EXIT.ok;
  } finally {
    interruption.dispose();
  }
}

/** None of a damaged one, whose sync said so. */
function sourcesOf(collection: Collection): readonly LinkedSource[] {
  try {
    return collection.contents().sources;
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}

/** Throws InputError where it was never made. */
export function existing(name: string): Collection {
  const collection = new Collection(name);
  if (!listCollections().some((one) => one.normalize("NFC") === collection.name))
    throw new InputError(`there is no collection ${name}: vikhr add <folder> --collection ${name} makes it`);
  return collection;
}
