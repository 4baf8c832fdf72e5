/**
 * Linked files in, a call of `changed` after each quiet spell in which some of them changed out, until told to stop.
 * What changed is not told: a sync finds out.
 */
import { dirname, sep } from "node:path";
import { watch as watchFiles } from "chokidar";
import { isDynamicPattern } from "tinyglobby";
import { InputError } from "../../errors.ts";
import type { LinkedSource } from "../../index/collections.ts";

export interface WatchOptions {
  /** Ends the watch. */
  signal: AbortSignal;
  /** Milliseconds without a change before `changed` is called: an editor writes a file in several steps. Default 500. */
  quiet?: number;
  /** Once all folders are watched. */
  onReady?: () => void;
}

/** `changed` is not called while it still runs; what changes meanwhile is another call. */
export async function watch(
  sources: readonly LinkedSource[],
  changed: () => Promise<void>,
  { signal, quiet = 500, onReady }: WatchOptions,
): Promise<void> {
  const watcher = watchFiles(sources.flatMap(pathsToWatch), { ignoreInitial: true, ignored: isLeftOut });
  try {
    await new Promise<void>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      let running = false;
      let again = false;
      const run = async () => {
        running = true;
        again = false;
        await changed();
        running = false;
        if (signal.aborted) resolve();
        else if (again) schedule();
      };
      const schedule = () => {
        again = true;
        clearTimeout(timer);
        if (!running) timer = setTimeout(() => run().catch(reject), quiet);
      };
      watcher.on("all", schedule);
      watcher.on("ready", () => {
        onReady?.();
        // What changed while the folders were walked is not told.
        schedule();
      });
      watcher.on("error", (error) => reject(explained(error)));
      const stop = () => {
        clearTimeout(timer);
        // A sync that runs sees the signal, too.
        if (!running) resolve();
      };
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    });
  } finally {
    await watcher.close();
  }
}

/** Of a pattern the folder above its first wildcard; pages of the web are not watched. */
function pathsToWatch({ location, kind }: LinkedSource): string[] {
  if (kind === "address") return [];
  if (kind !== "pattern") return [location];
  let folder = location;
  while (isDynamicPattern(folder)) folder = dirname(folder);
  return [folder];
}

/** As findFiles: what people do not write themselves. */
function isLeftOut(path: string): boolean {
  const name = path.slice(path.lastIndexOf(sep) + 1);
  return name === "node_modules" || name === "__pycache__";
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
