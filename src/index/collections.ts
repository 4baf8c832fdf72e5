/**
 * Collections on disk: a folder each, with what was added and what makes its vectors (collection.json), the index beside
 * it, and a lock for the one process that may write.
 */
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { ConflictError, InputError } from "../errors.ts";
import { lockFile } from "../util/file-lock.ts";
import { makeFolder } from "../util/make-folder.ts";
import { readTextFile } from "../util/read-text-file.ts";
import { writeFileAtomic } from "../util/write-file-atomic.ts";
import type { ChunkIndex } from "./chunk-index.ts";

export const DEFAULT_COLLECTION = "default";

const linkedSource = z.strictObject({
  /** An absolute path or pattern, or an address. */
  location: z.string().min(1),
  kind: z.enum(["file", "folder", "pattern", "address"]),
});

/** What was added, and stays linked. */
export type LinkedSource = z.infer<typeof linkedSource>;

const collectionFile = z.strictObject({
  version: z.literal(1),
  sources: z.array(linkedSource),
  embedding: z
    .strictObject({
      /** A GGUF file, or a server's model as id@address. */
      model: z.string().min(1),
      dimension: z.int().positive(),
    })
    .exactOptional(),
  /** Where its index lies, if not beside this file. */
  index: z.string().min(1).exactOptional(),
});

type CollectionFile = z.infer<typeof collectionFile>;

/** What a collection is made from. */
export type CollectionContents = Omit<CollectionFile, "version" | "index">;

/** Begins the names of folders that are no collections any more. */
const DELETED = ".deleted-";

/** Some hundred thousand addresses. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** $VIKHR_DATA, or the XDG data folder. */
export function collectionsFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { VIKHR_DATA, XDG_DATA_HOME } = environment;
  if (VIKHR_DATA) return join(resolve(VIKHR_DATA), "collections");
  // The XDG rules: a relative path is to be ignored.
  const base = XDG_DATA_HOME?.startsWith("/") ? XDG_DATA_HOME : join(homedir(), ".local", "share");
  return join(base, "vikhr", "collections");
}

/** $VIKHR_INDEX: where the indexes of new collections lie, in object storage. Default: in the collection's folder. */
function indexStorage(): string | undefined {
  const { VIKHR_INDEX } = process.env;
  if (!VIKHR_INDEX) return undefined;
  if (!/^[a-z][a-z0-9+-]*:\/\/./.test(VIKHR_INDEX))
    throw new InputError(
      `VIKHR_INDEX is ${JSON.stringify(VIKHR_INDEX.slice(0, 120))} and must be an address of object storage, such as s3://bucket/vikhr`,
    );
  return VIKHR_INDEX.replace(/\/+$/, "");
}
/** What is a folder's name everywhere, and is not hidden. */
const isCollectionName = (name: string) => /^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,99}$/u.test(name);

/** Names of the collections in the folder, sorted. */
export function listCollections(folder = collectionsFolder()): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries
      .flatMap((entry) => (entry.isDirectory() && isCollectionName(entry.name) ? [entry.name] : []))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

export class Collection {
  readonly name: string;
  readonly #folder: string;
  readonly #path: string;

  /** Makes no folder. Throws InputError for what cannot be a folder's name everywhere. */
  constructor(name: string, folder = collectionsFolder()) {
    if (!isCollectionName(name))
      throw new InputError(
        `${JSON.stringify(name.slice(0, 120))} is no name for a collection: use up to 100 letters, digits, "_", "-" and "."`,
      );
    this.name = name.normalize("NFC");
    this.#folder = folder;
    this.#path = join(folder, this.name);
  }

  /** A folder alone is a collection, too, of nothing. */
  isWritten(): boolean {
    return existsSync(this.#in("collection.json"));
  }

  contents(): CollectionContents {
    const { version: _, index: __, ...contents } = this.#read() ?? { version: 1, sources: [] };
    return contents;
  }

  /**
   * Where the index lies is decided when this is first done: then object storage must be there, and hold no index of the
   * name. It would be another machine's, and a sync would take out what that one added.
   */
  async writeContents(contents: CollectionContents): Promise<void> {
    const index = this.#storedIndex();
    if (index !== undefined && !this.#read()) {
      const { hasLanceIndex } = await import("./lance-index.ts");
      if (await hasLanceIndex(index))
        throw new ConflictError(
          `there is an index at ${index}, of a collection elsewhere: copy its collection.json to ${this.#path}, or take another name`,
        );
    }
    const file: CollectionFile = { version: 1, ...contents, ...(index !== undefined && { index }) };
    await writeFileAtomic(this.#in("collection.json"), `${JSON.stringify(file, undefined, 2)}\n`);
  }

  /** For reading and, under `lock`, for writing. */
  async openIndex(): Promise<ChunkIndex> {
    const { openLanceIndex } = await import("./lance-index.ts");
    const { embedding } = this.contents();
    const stored = this.#storedIndex();
    // What is only read may lie where nobody can write.
    if (stored === undefined && !existsSync(this.#in("index"))) makeFolder(this.#path);
    return openLanceIndex(stored ?? this.#in("index"), {
      dimension: embedding?.dimension,
      repair: this.#repair(),
    });
  }

  #repair(): string {
    const anew = `vikhr remove --all -C ${this.name}, and adding again, makes it anew`;
    const uploads = this.#in("uploads");
    return existsSync(uploads) ? `${anew}; what was uploaded goes, too: copy ${uploads} first` : anew;
  }

  /** The next sync makes it anew. */
  async dropIndex(): Promise<void> {
    const stored = this.#storedIndex();
    if (stored === undefined) return this.#discard(this.#in("index"));
    const { dropLanceIndex } = await import("./lance-index.ts");
    await dropLanceIndex(stored);
  }

  /** What was uploaded: a linked folder like others, which only Vikhr writes. A path without links in it. */
  uploads(): LinkedSource {
    return { location: join(realpathSync(this.#folder), this.name, "uploads"), kind: "folder" };
  }

  /** Another one where an index that is open is no more that of the collection. */
  identity(): string {
    const { ino, birthtimeMs } = statSync(this.#in("index"), { throwIfNoEntry: false }) ?? {};
    return JSON.stringify([ino, birthtimeMs, this.contents().embedding]);
  }

  /** Resolves to a function that lets go. Throws ConflictError where another process writes. */
  async lock(): Promise<() => Promise<void>> {
    makeFolder(this.#path);
    return lockFile(this.#in("lock"), `a change of the collection ${this.name}`);
  }

  /** With its index and what was uploaded; the files that were added stay where they are. Killed, it is there or is not. */
  async delete(): Promise<void> {
    if (this.#isIndexElsewhere()) await this.dropIndex();
    await this.#discard(this.#path);
  }

  /** Killed, it is there whole, or is not: what goes is moved aside first. */
  async #discard(path: string): Promise<void> {
    if (!existsSync(path)) return;
    await rename(path, join(this.#folder, `${DELETED}${randomBytes(6).toString("hex")}`));
    for (const name of readdirSync(this.#folder))
      if (name.startsWith(DELETED)) await rm(join(this.#folder, name), { recursive: true, force: true });
  }

  #read(): CollectionFile | undefined {
    const path = this.#in("collection.json");
    const text = readTextFile(path, { maxBytes: MAX_FILE_BYTES, optional: true });
    if (text === undefined) return undefined;
    try {
      return collectionFile.parse(JSON.parse(text));
    } catch (cause) {
      throw new InputError(`${path} is damaged: delete it and add the folders again`, { cause });
    }
  }

  /** The address of its index in object storage; undefined where it lies beside. */
  #storedIndex(): string | undefined {
    const file = this.#read();
    if (file) return file.index;
    const storage = indexStorage();
    return storage && `${storage}/${this.name.normalize("NFC")}`;
  }

  /** Not known where collection.json is damaged: such a collection can be deleted, too. */
  #isIndexElsewhere(): boolean {
    try {
      return this.#storedIndex() !== undefined;
    } catch (error) {
      if (error instanceof InputError) return false;
      throw error;
    }
  }

  #in(name: string): string {
    return join(this.#path, name);
  }
}
