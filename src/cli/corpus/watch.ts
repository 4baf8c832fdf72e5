/**
 * Linked files in, a call of `changed` after each quiet spell in which some of them changed out, until told to stop.
 * What changed is not told: a sync finds out.
 */
import { statSync } from "node:fs";
import { basename } from "node:path";
import { type FSWatcher, watch as watchFiles } from "chokidar";
import { folderOfPattern } from "../../documents/match-pattern.ts";
import { isLeftOut } from "../../documents/walk-folder.ts";
import { InputError } from "../../errors.ts";
import type { LinkedSource } from "../../index/collections.ts";

export interface WatchOptions {
  /** Ends the watch. */
  signal: AbortSignal;
  /** Milliseconds without a change before `changed` is called: an editor writes a file in several steps. Default 500. */
  quiet?: number;
  /** Milliseconds after which is looked what is linked, and what of it is there. Default 2,000. */
  look?: number;
  /** Once all is watched that there is, with the number of paths. */
  onReady?: (paths: number) => void;
}

/**
 * `sources` are asked again and again: others may link more. `changed` is not called while it still runs; what changes
 * meanwhile is another call. Where it resolves to false, it is called again after a while.
 */
export async function watch(
  sources: () => readonly LinkedSource[],
  changed: () => Promise<boolean>,
  { signal, quiet = 500, look = 2000, onReady }: WatchOptions,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let interval: NodeJS.Timeout | undefined;
  let watched: Watched | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      let running = false;
      let again = false;
      const run = async () => {
        running = true;
        again = false;
        const isDone = await changed();
        running = false;
        if (signal.aborted) resolve();
        else if (again || !isDone) schedule(isDone ? quiet : look);
      };
      const schedule = (delay: number) => {
        again = true;
        clearTimeout(timer);
        if (!running) timer = setTimeout(() => run().catch(reject), delay);
      };
      watched = new Watched(sources, {
        changed: () => schedule(quiet),
        ready: (paths) => {
          onReady?.(paths);
          onReady = undefined;
          // What changed while the folders were walked is not told.
          schedule(quiet);
        },
        failed: reject,
      });
      watched.look();
      // Keeps the process here, too, where there is nothing to watch.
      interval = setInterval(() => watched?.look(), look);
      const stop = () => {
        clearTimeout(timer);
        // A sync that runs sees the signal, too.
        if (!running) resolve();
      };
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    });
  } finally {
    clearTimeout(timer);
    clearInterval(interval);
    await watched?.close();
  }
}

interface WatchEvents {
  changed: () => void;
  ready: (paths: number) => void;
  failed: (error: Error) => void;
}

/** A watcher that is made anew when other paths are to be watched, or others lie there: it would go on with the old. */
class Watched {
  readonly #sources: () => readonly LinkedSource[];
  readonly #events: WatchEvents;
  #state: string | undefined;
  #watcher: FSWatcher | undefined;

  constructor(sources: () => readonly LinkedSource[], events: WatchEvents) {
    this.#sources = sources;
    this.#events = events;
  }

  look(): void {
    const paths = new Set(this.#sources().flatMap(pathToWatch));
    const state = JSON.stringify([...paths].map((path) => [path, identityOf(path)]));
    if (state === this.#state) return;
    this.#state = state;
    const { changed, ready, failed } = this.#events;
    this.close().catch(failed);
    // The library is never ready without a path.
    if (paths.size === 0) ready(0);
    else
      this.#watcher = watchFiles([...paths], {
        ignoreInitial: true,
        // What cannot be looked into is named by the sync.
        ignorePermissionErrors: true,
        ignored: (path) => !paths.has(path) && isLeftOut(basename(path)),
      })
        .on("all", changed)
        .on("ready", () => ready(paths.size))
        .on("error", (error) => failed(explained(error)));
  }

  async close(): Promise<void> {
    const watcher = this.#watcher;
    this.#watcher = undefined;
    await watcher?.close();
  }
}

/** Of a pattern the folder above its first wildcard; pages of the web are not watched. */
function pathToWatch({ location, kind }: LinkedSource): string[] {
  if (kind === "address") return [];
  return [kind === "pattern" ? folderOfPattern(location) : location];
}

/** Another one where a file or folder of the same path is another; none where there is none. */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino, birthtimeMs } = statSync(path);
    return `${dev} ${ino} ${birthtimeMs}`;
  } catch {
    return undefined;
  }
}

function explained(error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EMFILE")
    return new InputError(
      "there are more folders than this system watches: raise fs.inotify.max_user_watches and max_user_instances, or run vikhr sync now and then",
      { cause: error },
    );
  return new InputError(`cannot watch: ${message}`, { cause: error });
}
