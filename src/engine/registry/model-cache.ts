/** Where downloaded models lie: a folder, and in it for each hub file its place. Makes no folder and reads no file. */
import { join, resolve } from "node:path";
import { cacheFolder } from "../../util/cache-folder.ts";

/** $VIKHR_CACHE, or the XDG cache folder. */
export function modelCacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { VIKHR_CACHE } = environment;
  return VIKHR_CACHE ? resolve(VIKHR_CACHE) : join(cacheFolder(environment), "vikhr", "models");
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
