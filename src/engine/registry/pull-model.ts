/**
 * A model on the hub -> a checked file in the cache. Whatever ends it (an abort, a kill, a broken line), the next
 * pull goes on from there; the model's own name appears only once size, SHA-256 and GGUF header are right.
 */
import { rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { readGguf } from "../../gguf/read-gguf.ts";
import { lockFile } from "../../util/file-lock.ts";
import { makeFolder } from "../../util/make-folder.ts";
import { writeFileAtomic } from "../../util/write-file-atomic.ts";
import { retrying } from "../retrying.ts";
import { discardPart, fetchPart, readJson } from "./fetch-part.ts";
import { HubClient, type HubPlace, type HubSettings } from "./hub-file.ts";
import { type CachePaths, cachePaths, modelCacheFolder } from "./model-cache.ts";
import { PullMeter, type PullProgress } from "./pull-progress.ts";
import { parseModelReference } from "./registry.ts";

export interface PullOptions extends HubSettings {
  /** Default: see `modelCacheFolder`. */
  cache?: string;
  /** Called at most ten times a second, and at the end. */
  onProgress?: (progress: PullProgress) => void;
  /** Keeps what has come. */
  signal?: AbortSignal;
  /** How often in a row the connection may break without a new byte. Default 5. */
  retries?: number;
}

export interface PulledModel {
  path: string;
  bytes: number;
  sha256: string;
  /** It was in the cache already. */
  cached: boolean;
}

const modelFactsSchema = z.object({
  repository: z.string(),
  file: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  size: z.int().positive(),
});

export async function pullModel(name: string, options: PullOptions = {}): Promise<PulledModel> {
  const reference = parseModelReference(name);
  if (reference?.kind !== "hub")
    throw new InputError(
      reference
        ? `${name} comes with the package: there is nothing to pull`
        : `there is no model ${name.slice(0, 200)} to pull: see vikhr models list, or write hf:owner/repository/file.gguf`,
    );
  const paths = cachePaths(options.cache ?? modelCacheFolder(), reference);
  const signal = options.signal ?? new AbortController().signal;
  signal.throwIfAborted();
  const present = await pulled(paths);
  if (present) return present;
  makeFolder(dirname(paths.model));
  const unlock = await lockFile(paths.lock, `a download of ${reference.name}`);
  try {
    // Another process may just have finished it.
    return (await pulled(paths)) ?? (await download(reference, paths, signal, options));
  } finally {
    await unlock();
  }
}

/** What a finished pull left. A model whose record is lost or does not fit is fetched again. */
async function pulled({ model, facts }: CachePaths): Promise<PulledModel | undefined> {
  const record = modelFactsSchema.safeParse(await readJson(facts)).data;
  const size = (await stat(model).catch(() => undefined))?.size;
  if (!record || record.size !== size) return undefined;
  return { path: model, bytes: size, sha256: record.sha256, cached: true };
}

async function download(
  place: HubPlace,
  paths: CachePaths,
  signal: AbortSignal,
  options: PullOptions,
): Promise<PulledModel> {
  const hub = new HubClient(options);
  const { retries = 5 } = options;
  const facts = await retrying(() => hub.facts(place, signal), { retries, signal });
  const meter = new PullMeter(facts.size, options.onProgress);
  const sha256 = await fetchPart({ place, paths, hub, facts, signal, meter, retries });
  if (sha256 !== facts.sha256) {
    await discardPart(paths);
    throw new InputError(
      `${place.repository}/${place.file}: the download does not match its checksum (SHA-256 ${sha256.slice(0, 12)}..., the hub says ${facts.sha256.slice(0, 12)}...) and was deleted: pull it again`,
    );
  }
  try {
    readGguf(paths.part);
  } catch (error) {
    await discardPart(paths);
    throw error;
  }
  const record: z.infer<typeof modelFactsSchema> = {
    repository: place.repository,
    file: place.file,
    ...facts,
  };
  // In this order: a kill in between leaves a whole `.part`, which the next pull only has to rename.
  await writeFileAtomic(paths.facts, `${JSON.stringify(record, undefined, 2)}\n`);
  await rename(paths.part, paths.model);
  await rm(paths.partFacts, { force: true });
  return { path: paths.model, bytes: facts.size, sha256, cached: false };
}
