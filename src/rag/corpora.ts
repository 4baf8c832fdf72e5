/** The collections of this machine, opened when they are first asked for, and kept open. */
import { NotFoundError } from "../errors.ts";
import type { ChunkIndex } from "../index/chunk-index.ts";
import { Collection, collectionsFolder, listCollections } from "../index/collections.ts";
import type { EmbeddingModel } from "../spec/embedding-model.ts";

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

export class Corpora {
  readonly #options: CorporaOptions;
  readonly #folder: string;
  readonly #opened = new Map<string, Promise<Corpus>>();

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
    if (!this.names().includes(name.normalize("NFC")))
      throw new NotFoundError(`there is no collection ${name}`);
    return collection;
  }

  /** Stays open until `close`. */
  async get(name: string): Promise<Corpus> {
    const collection = this.collection(name);
    let corpus = this.#opened.get(name);
    if (!corpus) {
      corpus = this.#options.open(collection);
      corpus.catch(() => this.#opened.delete(name));
      this.#opened.set(name, corpus);
    }
    return corpus;
  }

  async close(): Promise<void> {
    const opened = [...this.#opened.values()];
    this.#opened.clear();
    for (const corpus of opened) await (await corpus).close();
  }
}
