/** Where downloaded models lie: a folder, and in it for each hub file its place. Makes no folder and reads no file. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** $VIKHR_CACHE, or the XDG cache folder. */
export function modelCacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { VIKHR_CACHE, XDG_CACHE_HOME } = environment;
  if (VIKHR_CACHE) return resolve(VIKHR_CACHE);
  // The XDG rules: a relative path is to be ignored.
  const base = XDG_CACHE_HOME?.startsWith("/") ? XDG_CACHE_HOME : join(homedir(), ".cache");
  return join(base, "vikhr", "models");
}

export interface CachePaths {
  /** There only once it is complete and checked. */
  model: string;
  /** What has come so far. */
  part: string;
  /** Of which file `part` is the beginning. */
  partFacts: string;
  /** Where the model came from, and its checksum. */
  facts: string;
  lock: string;
}

export function cachePaths(
  cache: string,
  { repository, file }: { repository: string; file: string },
): CachePaths {
  const model = join(cache, "hub", ...repository.split("/"), ...file.split("/"));
  return {
    model,
    part: `${model}.part`,
    partFacts: `${model}.part.json`,
    facts: `${model}.json`,
    lock: `${model}.lock`,
  };
}
