/**
 * What was added, and an index, in; the index as the files are now, and what was done, out. New files are read, changed
 * ones (by the hash of their content) take the place of what they were, deleted ones go. A file that cannot be read
 * does not stop the rest. Killed anywhere, the next sync makes up for it.
 */
import { createHash } from "node:crypto";
import { basename, extname, sep } from "node:path";
import { chunkDocument } from "../chunking/chunk-document.ts";
import type { DocumentReader } from "../documents/document-reader.ts";
import { isAddress } from "../documents/fetch-page.ts";
import { type FoundFiles, findFiles } from "../documents/find-files.ts";
import { InputError } from "../errors.ts";
import type { EmbeddingModel } from "../spec/embedding-model.ts";
import type { ChunkIndex, IndexEntry, IndexedSource } from "./chunk-index.ts";
import type { LinkedSource } from "./collections.ts";
import { readSource } from "./read-source.ts";

export interface SyncProgress {
  files: number;
  totalFiles: number;
  bytes: number;
  totalBytes: number;
  chunks: number;
}

export interface SyncOptions {
  /** Addresses may be of one's own network. Default false. */
  allowPrivate?: boolean;
  /** Whose vectors the index holds. Default: it holds none. */
  embedding?: EmbeddingModel | undefined;
  /** Of what the sources hold, only these are looked at; what else is in the index stays. Default: all. */
  only?: ReadonlySet<string>;
  /** Before the first file, and after every one. */
  onProgress?: (progress: SyncProgress) => void;
  /** Keeps what is done. */
  signal?: AbortSignal;
}

export interface SyncResult {
  added: number;
  replaced: number;
  removed: number;
  unchanged: number;
  /** Written. */
  chunks: number;
  /** What could not be read; none of it is in the index. */
  failed: { path: string; reason: string }[];
  /** Files of kinds that are not read, where folders and patterns have some; the commonest kinds first. */
  skipped?: { files: number; kinds: string[] };
}

/** Written at once: each write is a commit of its own. */
const BATCH_CHUNKS = 4000;
const BATCH_EMBEDDED = 256;

/** Milliseconds: others may stream answers from this process. */
const BREATH = 10;

interface FoundFile {
  /** Or an address. */
  path: string;
  addedAs: string;
  bytes: number;
  modified: number;
}

export async function syncIndex(
  index: ChunkIndex,
  sources: readonly LinkedSource[],
  reader: Pick<DocumentReader, "read">,
  options: SyncOptions = {},
): Promise<SyncResult> {
  const { onProgress, only, signal } = options;
  const result: SyncResult = { added: 0, replaced: 0, removed: 0, unchanged: 0, chunks: 0, failed: [] };
  const known = new Map((await index.documents()).map((document) => [document.source, document]));
  const { files: found, kept, closed } = await findAll(sources, known, result, options);
  const files = only ? found.filter(({ path }) => only.has(path)) : found;
  const writer = new BatchWriter(index, options);
  const progress = {
    files: 0,
    totalFiles: files.length,
    bytes: 0,
    totalBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    chunks: 0,
  };
  const present = new Set<string>();
  const breathe = breather();
  onProgress?.({ ...progress });
  try {
    for (const file of files) {
      const before = known.get(file.path);
      const entry = await readEntry(file, before, reader, result, options);
      if (entry) present.add(file.path);
      if (entry === "unchanged") result.unchanged++;
      else if (entry) {
        result[before ? (isSame(before, entry.document) ? "unchanged" : "replaced") : "added"]++;
        result.chunks += entry.chunks.length;
        await writer.add(entry);
      }
      progress.files++;
      progress.bytes += file.bytes;
      progress.chunks = result.chunks;
      onProgress?.({ ...progress });
      await breathe();
      signal?.throwIfAborted();
    }
  } catch (error) {
    if (signal?.aborted) await writer.flush();
    throw error;
  }
  await writer.flush();
  const gone = [...known.values()].filter(
    ({ source, addedAs }) =>
      (only?.has(source) ?? true) &&
      !present.has(source) &&
      !kept.has(addedAs) &&
      !closed.some((folder) => source.startsWith(folder)),
  );
  await index.remove(gone.map(({ source }) => source));
  result.removed = gone.length;
  await index.optimize();
  return result;
}

/** Files are read without a pause: called after each, it lets Ctrl-C come in now and then. */
function breather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last <= BREATH) return;
    await new Promise((resolve) => setImmediate(resolve));
    last = performance.now();
  };
}

interface AllFound {
  files: FoundFile[];
  /** Sources that cannot be looked into now, whose documents stay. */
  kept: ReadonlySet<string>;
  /** Folders of the same kind, below sources. They end with a slash. */
  closed: string[];
}

/** Every file once, under what was added first. */
async function findAll(
  sources: readonly LinkedSource[],
  known: ReadonlyMap<string, IndexedSource>,
  result: SyncResult,
  { only, signal }: SyncOptions,
): Promise<AllFound> {
  const { failed } = result;
  const files = new Map<string, FoundFile>();
  const kept = new Set<string>();
  const faults = new Map<string, FoundFiles["faults"][number]>();
  const passedOver = new Set<string>();
  for (const { location, kind } of sources) {
    if (kind === "address") {
      // A page that does not come today stays as it was.
      kept.add(location);
      files.set(location, { path: location, addedAs: location, bytes: 0, modified: Date.now() });
      continue;
    }
    const found = await findFiles(location, { kind, signal }).catch((error: Error) => error);
    signal?.throwIfAborted();
    if (found instanceof Error) {
      // A deleted file is gone; a folder that is away may be a disk that is not plugged in.
      if (kind !== "file" || found.cause) kept.add(location);
      failed.push({ path: location, reason: reasonOf(found) });
      continue;
    }
    for (const file of found.files)
      if (!files.has(file.path)) files.set(file.path, { ...file, addedAs: location });
    for (const fault of found.faults) faults.set(fault.path, fault);
    for (const path of found.passedOver) passedOver.add(path);
    for (const path of found.away)
      if (someBelow(path, known.keys())) faults.set(path, { path, reason: AWAY, isClosed: true });
  }
  for (const { path, reason, isClosed } of faults.values())
    if (isClosed || (only?.has(path) ?? true)) failed.push({ path, reason });
  if (passedOver.size > 0 && !only) result.skipped = { files: passedOver.size, kinds: kindsOf(passedOver) };
  const closed = [...faults.values()].flatMap(({ path, isClosed }) => (isClosed ? [withSlash(path)] : []));
  return { files: [...files.values()], kept, closed };
}

const AWAY = "it is not there, and a link leads to it: its documents stay";

function someBelow(folder: string, paths: Iterable<string>): boolean {
  const start = withSlash(folder);
  for (const path of paths) if (path.startsWith(start)) return true;
  return false;
}

const withSlash = (folder: string) => (folder.endsWith(sep) ? folder : folder + sep);

/** At most three: endings, or names of files that have none. */
function kindsOf(paths: Iterable<string>): string[] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const kind = extname(path).toLowerCase() || basename(path);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([kind]) => kind);
}

async function readEntry(
  file: FoundFile,
  before: IndexedSource | undefined,
  reader: Pick<DocumentReader, "read">,
  { failed }: SyncResult,
  options: SyncOptions,
): Promise<IndexEntry | "unchanged" | undefined> {
  try {
    const { bytes, ...read } = await readSource(file.path, options);
    const hash = createHash("sha256").update(bytes).digest("hex");
    if (before && isSame(before, { hash, addedAs: file.addedAs }) && !isTouched(file, before, options))
      return "unchanged";
    const document = await reader.read(file.path, bytes, { ...read, signal: options.signal });
    const { title, format } = document;
    const chunks = chunkDocument(document);
    // A page that programs write, a note with nothing but front matter.
    if (chunks.length === 0) throw new InputError("it holds no text that can be read");
    return {
      document: { source: file.path, title, format, hash, modified: file.modified, addedAs: file.addedAs },
      chunks,
    };
  } catch (error) {
    // What was told to stop is no fault of the file: it would count as gone.
    options.signal?.throwIfAborted();
    failed.push({ path: file.path, reason: reasonOf(error as Error) });
    return undefined;
  }
}

function isSame(before: IndexedSource, now: Pick<IndexedSource, "hash" | "addedAs">): boolean {
  return before.hash === now.hash && before.addedAs === now.addedAs;
}

/** Its chunks are written again, so that a search by time finds them. Vectors, which take long, are not made for that. */
function isTouched(file: FoundFile, before: IndexedSource, { embedding }: SyncOptions): boolean {
  return !embedding && !isAddress(file.path) && file.modified !== before.modified;
}

function reasonOf(error: Error): string {
  if (error instanceof InputError || "syscall" in error) return error.message;
  throw error;
}

class BatchWriter {
  readonly #index: ChunkIndex;
  readonly #options: SyncOptions;
  #entries: IndexEntry[] = [];
  #chunks = 0;

  constructor(index: ChunkIndex, options: SyncOptions) {
    this.#index = index;
    this.#options = options;
  }

  async add(entry: IndexEntry): Promise<void> {
    this.#entries.push(entry);
    this.#chunks += entry.chunks.length;
    // Vectors take long: what has them is kept sooner.
    const most = this.#options.embedding ? BATCH_EMBEDDED : BATCH_CHUNKS;
    if (this.#chunks >= most) await this.flush();
  }

  async flush(): Promise<void> {
    await this.#index.replace(await this.#withVectors(this.#entries));
    this.#entries = [];
    this.#chunks = 0;
  }

  async #withVectors(entries: readonly IndexEntry[]): Promise<readonly IndexEntry[]> {
    const { embedding, signal } = this.#options;
    if (!embedding) return entries;
    const texts = entries.flatMap(({ chunks }) => chunks.map(({ title, text }) => `${title ?? ""}\n${text}`));
    const vectors = await embedding.embed(texts, { role: "passage", signal });
    let next = 0;
    return entries.map((entry) => {
      const own = vectors.slice(next, next + entry.chunks.length);
      next += own.length;
      return { ...entry, vectors: own };
    });
  }
}
