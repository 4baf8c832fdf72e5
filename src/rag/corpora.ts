/**
 * The collections of this machine, opened when they are first asked for, and kept open. Each is changed by one caller at a
 * time, the others wait; it is searched meanwhile. What another process changes is seen at the next use.
 */
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { ConflictError, NotFoundError, VikhrError } from "../errors.ts";
import type { ChunkIndex, IndexedSource } from "../index/chunk-index.ts";
import { Collection, collectionsFolder, type LinkedSource, listCollections } from "../index/collections.ts";
import { withSources } from "../index/linked-source.ts";
import type { SyncProgress, SyncResult } from "../index/sync.ts";
import type { EmbeddingModel } from "../spec/embedding-model.ts";
import { printable } from "../util/printable.ts";
import { DOCUMENT_ID, documentId } from "./document-id.ts";
import { type ReadAgain, readAgain } from "./read-again.ts";
import { type SyncCorpusOptions, syncCorpus } from "./sync-corpus.ts";
import { Uploads } from "./uploads.ts";

export interface Corpus {
  index: ChunkIndex;
  /** Where the collection has vectors. */
  embedding?: EmbeddingModel;
  close(): Promise<void>;
}

export interface CorporaOptions {
  /** Opens a collection and the model that makes its vectors. */
  open: (collection: Collection) => Promise<Corpus>;
  /** Default: see `collectionsFolder`. */
  folder?: string;
}

export interface ChangeOptions {
  /** Before the first file, and after every one. */
  onProgress?: (progress: SyncProgress) => void;
}

interface Opened {
  corpus: Promise<Corpus>;
  /** Of the collection when it was opened; undefined while it is. */
  identity?: string;
  users: number;
  /** No more handed out; closed when its last user is gone. */
  retired: boolean;
}

export class Corpora {
  readonly #options: CorporaOptions;
  readonly #folder: string;
  readonly #opened = new Map<string, Opened>();
  /** By collection, the change that waits or runs and was asked for last. */
  readonly #changes = new Map<string, Promise<unknown>>();
  #reading: Promise<unknown> = Promise.resolve();
  readonly #closing = new AbortController();

  constructor(options: CorporaOptions) {
    this.#options = options;
    this.#folder = options.folder ?? collectionsFolder();
  }

  names(): string[] {
    return listCollections(this.#folder);
  }

  /** Throws NotFoundError where it was never made. */
  collection(name: string): Collection {
    const collection = new Collection(name, this.#folder);
    if (!this.names().includes(collection.name))
      throw new NotFoundError(`there is no collection ${collection.name}`);
    return collection;
  }

  /** An empty one. Throws ConflictError where it is there. */
  async create(name: string): Promise<Collection> {
    const collection = new Collection(name, this.#folder);
    return this.#change(collection.name, async () => {
      const unlock = await collection.lock();
      try {
        // The lock makes the folder, so it is the file that tells.
        if (collection.isWritten())
          throw new ConflictError(`there is a collection ${collection.name} already`);
        await collection.writeContents({ sources: [] });
        return collection;
      } finally {
        await unlock();
      }
    });
  }

  /** With what was uploaded. Throws ConflictError while it is being changed. */
  async delete(name: string): Promise<void> {
    const collection = this.collection(name);
    if (this.#changes.has(collection.name))
      throw new ConflictError(`the collection ${collection.name} is being changed: wait until that is done`);
    await this.#change(collection.name, async () => {
      const unlock = await collection.lock();
      try {
        await this.#retire(collection.name, this.#opened.get(collection.name));
        await collection.delete();
      } finally {
        await unlock();
      }
    });
  }

  /** Stays open until it is closed, which gives it back; who forgets that keeps it open for good: prefer `use`. */
  async get(name: string): Promise<Corpus> {
    const collection = this.collection(name);
    const before = this.#opened.get(collection.name);
    if (before?.identity !== undefined && before.identity !== collection.identity())
      await this.#retire(collection.name, before);
    const opened = this.#opened.get(collection.name) ?? this.#open(collection);
    opened.users++;
    let isGivenBack = false;
    const giveBack = async () => {
      if (isGivenBack) return;
      isGivenBack = true;
      opened.users--;
      await closeUnused(opened);
    };
    try {
      return { ...(await opened.corpus), close: giveBack };
    } catch (error) {
      await giveBack();
      throw error;
    }
  }

  /** With the corpus, which stays open meanwhile. Throws NotFoundError where the collection was deleted meanwhile. */
  async use<T>(name: string, run: (corpus: Corpus) => Promise<T>): Promise<T> {
    const corpus = await this.get(name);
    try {
      return await run(corpus);
    } catch (error) {
      this.collection(name);
      throw error;
    } finally {
      await corpus.close();
    }
  }

  /** What is indexed, in the order of the sources. Opens no model. */
  async documents(name: string): Promise<IndexedSource[]> {
    const collection = this.collection(name);
    if (!collection.contents().embedding || this.#opened.has(collection.name))
      return this.use(name, ({ index }) => index.documents());
    const index = await collection.openIndex();
    try {
      return await index.documents();
    } finally {
      await index.close();
    }
  }

  /** By its id or its source: what is not in the index cannot be named. Throws NotFoundError. */
  async document(name: string, idOrSource: string): Promise<IndexedSource> {
    const isId = DOCUMENT_ID.test(idOrSource);
    const found = (await this.documents(name)).find(
      ({ source }) => source === idOrSource || (isId && documentId(source) === idOrSource),
    );
    if (!found)
      throw new NotFoundError(`there is no document ${printable(idOrSource)} in the collection ${name}`);
    return found;
  }

  isUpload(name: string, { addedAs }: IndexedSource): boolean {
    return this.collection(name).uploads().location === addedAs;
  }

  /** One at a time: a large file takes seconds, and a process of its own. Throws NotFoundError where it is gone. */
  async readDocument(name: string, id: string): Promise<ReadAgain & { indexed: IndexedSource }> {
    const indexed = await this.document(name, id);
    const read = this.#reading.catch(() => undefined).then(() => readAgain(indexed));
    this.#reading = read;
    return { ...(await read), indexed };
  }

  /** For what shall be added with `addUploads`. */
  uploads(): Uploads {
    return new Uploads(join(this.#folder, ".incoming"));
  }

  /** Reads what was sent, which stays with the collection; what cannot be read does not. */
  async addUploads(name: string, uploads: Uploads, options: ChangeOptions = {}): Promise<SyncResult> {
    const only = new Set<string>();
    const prepare = async (collection: Collection) => {
      const folder = collection.uploads();
      const { sources, ...contents } = collection.contents();
      // Linked first: killed after this, the next sync finds what is there.
      if (sources.every(({ location }) => location !== folder.location))
        await collection.writeContents({ ...contents, sources: [...sources, folder] });
      for (const path of await uploads.moveInto(folder.location)) only.add(path);
      return { sources: [folder], only };
    };
    const result = await this.#sync(name, { ...options, prepare });
    for (const { path } of result.failed) if (only.has(path)) await rm(path, { force: true });
    const unread = result.failed.map(({ path, reason }) => ({ path: basename(path), reason }));
    return { ...result, failed: [...uploads.refused, ...unread] };
  }

  /** An uploaded one with its file. Throws ConflictError for one of a source, which stays linked. */
  async removeDocument(name: string, id: string): Promise<void> {
    const document = await this.document(name, id);
    const { source, addedAs } = document;
    if (!this.isUpload(name, document))
      throw new ConflictError(
        `${source} comes from ${addedAs}, which stays linked: remove that source, or the file`,
      );
    const prepare = async (collection: Collection) => {
      await rm(source, { force: true });
      return { sources: [collection.uploads()], only: new Set([source]) };
    };
    await this.#sync(name, { prepare });
  }

  /** Links sources and reads what is new in all that is linked. */
  async addSources(
    name: string,
    added: readonly LinkedSource[],
    options: ChangeOptions = {},
  ): Promise<SyncResult> {
    const prepare = async (collection: Collection) => {
      const contents = collection.contents();
      await collection.writeContents({ ...contents, sources: [...withSources(contents.sources, added)] });
      return undefined;
    };
    return this.#sync(name, { ...options, prepare });
  }

  /** Takes out what was added as `location`, where no other source holds it. Throws NotFoundError where it is not linked. */
  async removeSource(name: string, location: string): Promise<SyncResult> {
    const prepare = async (collection: Collection) => {
      const contents = collection.contents();
      const sources = contents.sources.filter((source) => source.location !== location);
      if (sources.length === contents.sources.length)
        throw new NotFoundError(`${location} was not added to the collection ${collection.name}`);
      await collection.writeContents({ ...contents, sources });
      const documents = await this.documents(name);
      return {
        only: new Set(documents.flatMap(({ source, addedAs }) => (addedAs === location ? [source] : []))),
      };
    };
    return this.#sync(name, { prepare });
  }

  /** Ends what changes a collection, which keeps what is done, and closes all. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#changes.values());
    const opened = [...this.#opened.values()];
    this.#opened.clear();
    for (const { corpus } of opened) await (await corpus).close();
  }

  #open(collection: Collection): Opened {
    const corpus = this.#options.open(collection);
    const opened: Opened = { corpus, users: 0, retired: false };
    opened.corpus = corpus.then((one) => {
      opened.identity = collection.identity();
      return one;
    });
    opened.corpus.catch(() => this.#retire(collection.name, opened));
    this.#opened.set(collection.name, opened);
    return opened;
  }

  async #retire(name: string, opened: Opened | undefined): Promise<void> {
    if (!opened || opened.retired) return;
    if (this.#opened.get(name) === opened) this.#opened.delete(name);
    opened.retired = true;
    await closeUnused(opened);
  }

  /** Throws ConflictError where another process writes. */
  async #sync(name: string, options: Pick<SyncCorpusOptions, "prepare" | "onProgress">): Promise<SyncResult> {
    const { name: own } = this.collection(name);
    const { signal } = this.#closing;
    return this.#change(own, async () => {
      try {
        // It may have been deleted while this waited.
        return await syncCorpus(this.collection(own), { ...options, signal, open: () => this.get(own) });
      } catch (error) {
        if (signal.aborted) throw new VikhrError("the server ends: the next sync reads what is missing");
        throw error;
      }
    });
  }

  /** After all changes of the collection that were asked for before. */
  #change<T>(name: string, run: () => Promise<T>): Promise<T> {
    const before = this.#changes.get(name) ?? Promise.resolve();
    const change = before.catch(() => undefined).then(run);
    this.#changes.set(name, change);
    const forget = () => {
      if (this.#changes.get(name) === change) this.#changes.delete(name);
    };
    change.then(forget, forget);
    return change;
  }
}

async function closeUnused({ retired, users, corpus }: Opened): Promise<void> {
  if (!retired || users > 0) return;
  const opened = await corpus.catch(() => undefined);
  await opened?.close();
}
