/** A collection, and what shall become of it, in; its index as the files are, and what was done, out. Under its lock. */
import { DocumentReader } from "../documents/document-reader.ts";
import type { Collection, LinkedSource } from "../index/collections.ts";
import { type SyncOptions, type SyncResult, syncIndex } from "../index/sync.ts";
import type { Corpus } from "./corpora.ts";

/** A part of a collection that is looked at. */
export interface SyncPart {
  /** Where its files are linked. Default: all that is linked. */
  sources?: readonly LinkedSource[];
  /** Its files. */
  only: ReadonlySet<string>;
}

export interface SyncCorpusOptions extends Omit<SyncOptions, "embedding" | "only"> {
  /** Opens the collection once it is prepared; what it gives is closed. */
  open: (collection: Collection) => Promise<Corpus>;
  /** Under the lock, before the collection is opened: changes what is linked, or files. Default part: all of it. */
  prepare?: (collection: Collection) => Promise<SyncPart | undefined>;
}

/** Throws ConflictError where another process writes. */
export async function syncCorpus(
  collection: Collection,
  { open, prepare, ...options }: SyncCorpusOptions,
): Promise<SyncResult> {
  const unlock = await collection.lock();
  try {
    const part = await prepare?.(collection);
    const corpus = await open(collection);
    const reader = new DocumentReader();
    try {
      return await syncIndex(corpus.index, part?.sources ?? collection.contents().sources, reader, {
        ...options,
        embedding: corpus.embedding,
        ...(part && { only: part.only }),
      });
    } finally {
      reader.close();
      await corpus.close();
    }
  } finally {
    await unlock();
  }
}
