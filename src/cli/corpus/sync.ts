/** `vikhr sync`: collections brought up to the files that they were made from, once or for as long as it runs. */
import { ConflictError, EXIT, InputError } from "../../errors.ts";
import { Collection, type LinkedSource, listCollections } from "../../index/collections.ts";
import { terminalJson, terminalLine } from "../../util/terminal-text.ts";
import { onInterrupt } from "../signals.ts";
import { sayProblem } from "./say-problem.ts";
import { type SyncCollectionOptions, syncCollection } from "./sync-collection.ts";

export async function sync(flags: Record<string, unknown>): Promise<number> {
  const names = flags.collection === undefined ? listCollections() : [String(flags.collection)];
  if (names.length === 0) throw new InputError("there is no collection yet: vikhr add <folder> makes one");
  const collections = names.map(existing);
  const failedBefore = new Map<string, string>();
  const code = await syncAll(collections, flags, failedBefore);
  if (!flags.watch || code === EXIT.interrupted) return code;
  return keepInSync(flags, failedBefore);
}

async function syncAll(
  collections: readonly Collection[],
  flags: Record<string, unknown>,
  failedBefore: Map<string, string>,
): Promise<number> {
  let worst: number = EXIT.ok;
  for (const collection of collections) {
    const code = await syncOne(collection, flags, { failedBefore });
    if (code === EXIT.interrupted) return code;
    worst = Math.max(worst, code);
  }
  return worst;
}

/** Where none was named, one that fails does not stop the others. */
async function syncOne(
  collection: Collection,
  flags: Record<string, unknown>,
  options: SyncCollectionOptions,
): Promise<number> {
  try {
    return await syncCollection(collection, flags, options);
  } catch (error) {
    if (flags.collection !== undefined) throw error;
    // In a watch: another process writes just now, and is waited for.
    if (options.onlyChanges && error instanceof ConflictError) throw error;
    const { name } = collection;
    const problem = sayProblem(name, error, flags);
    if (flags.json) process.stdout.write(`${terminalJson({ collection: name, problem })}\n`);
    return EXIT.partly;
  }
}

/** Until Ctrl-C, which is how a watch ends. */
async function keepInSync(
  flags: Record<string, unknown>,
  failedBefore: Map<string, string>,
): Promise<number> {
  const { watch } = await import("./watch.ts");
  const interruption = onInterrupt();
  const say = (text: string) => process.stderr.write(`vikhr: ${terminalLine(text)}\n`);
  const changed = async () => {
    let isDone = true;
    for (const collection of present(flags)) {
      if (interruption.signal.aborted) break;
      try {
        await syncOne(collection, flags, { onlyChanges: true, failedBefore });
      } catch (error) {
        // A disk may be full: the next change is another try.
        if (!(error instanceof InputError)) throw error;
        if (error instanceof ConflictError) isDone = false;
        else say(error.message);
      }
    }
    return isDone;
  };
  const onReady = (paths: number) =>
    say(paths > 0 ? "watching; Ctrl-C ends" : "there is no file or folder to watch yet; Ctrl-C ends");
  try {
    await watch(() => present(flags).flatMap(sourcesOf), changed, { signal: interruption.signal, onReady });
    return EXIT.ok;
  } finally {
    interruption.dispose();
  }
}

/** The collections that are to be synced and are there now: others make and delete some meanwhile. */
function present({ collection }: Record<string, unknown>): Collection[] {
  const names = collection === undefined ? listCollections() : [String(collection)];
  return names.map((name) => new Collection(name)).filter((one) => one.isWritten());
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
