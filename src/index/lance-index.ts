/**
 * An index of chunks in a LanceDB table: one folder, or an address of object storage. All of a document stands in rows
 * of one table, so that one commit, which is there or is not, replaces it. One process writes at a time.
 */
import type { Connection, Table } from "@lancedb/lancedb";
import type { Table as ArrowTable, FixedSizeList, Schema } from "apache-arrow";
import { InputError, VikhrError } from "../errors.ts";
import type { Chunk, TextFormat } from "../spec/document.ts";
import { toArrowTable } from "./arrow-columns.ts";
import {
  bestFirst,
  type ChunkFilter,
  type ChunkIndex,
  type IndexEntry,
  type IndexedSource,
  type ScoredChunk,
} from "./chunk-index.ts";
import { joinedChunkTerms, queryTerms } from "./chunk-terms.ts";
import { type FormatName, formatsNamed } from "./format-names.ts";
import { sourcesBelow } from "./sources-below.ts";

const TABLE = "chunks";

/** Versions older than this many milliseconds are deleted: no reader stays that long in one search. */
const KEEP_VERSIONS = 10 * 60_000;

/** Sources named in one condition. */
const SOURCES_AT_ONCE = 500;

/**
 * Bounds on Lance's memory while it writes, where the environment has none; it reads them once, at its first use.
 * What is read ahead, in bytes (its own: 2 GiB): a whole column of 300 thousand chunks was, before their words were
 * indexed. Postings held before they are written as a part of the index, in MiB (its own: 2048): a million chunks make two
 * parts. Between parts, chunks whose scores are equal to within rounding (1.5e-5 was seen) may change places.
 */
const MEMORY_BOUNDS = { LANCE_DEFAULT_IO_BUFFER_SIZE: 256 * 2 ** 20, LANCE_FTS_PARTITION_SIZE: 512 };

const CHUNK_COLUMNS = ["source", "format", "title", "text", "start", "end", "page"];

/** A chunk with its document; a document's first row stands for it, alone where it has no chunks. */
interface Row extends Record<string, unknown> {
  source: string;
  /** -1 where the document has no chunks. */
  ordinal: number;
  document_title: string | null;
  format: string;
  hash: string;
  modified: number;
  added_as: string;
  title: string | null;
  text: string;
  start: number;
  end: number;
  page: number | null;
  terms: string;
  /** Where the index has vectors: null where the document has no chunks. */
  vector?: Float32Array | null;
}

export interface LanceIndexOptions {
  /** Length of its vectors. Default: none. Of an index that is there it is known. */
  dimension?: number | undefined;
  /** What makes a damaged one anew, in words. */
  repair?: string | undefined;
}

/** Opens the index in the folder or at the address, empty where there is none: its first change makes it. */
export async function openLanceIndex(
  uri: string,
  { dimension, repair = "delete it, and index the documents again" }: LanceIndexOptions = {},
): Promise<ChunkIndex> {
  const lancedb = await loadLance();
  const place = { uri, repair };
  return sayReadFaults(place, async () => {
    // Other processes write, too: an index that stays open shows what was written last, and no version that is deleted.
    const connection = await lancedb.connect(uri, { readConsistencyInterval: 0 });
    const index = new LanceIndex(place, lancedb, connection, dimension);
    // What is damaged is told now, not at the first question.
    await index.opened();
    return index;
  });
}

export function hasLanceIndex(uri: string): Promise<boolean> {
  return connected(uri, async (connection) => (await openTable(connection)) !== undefined);
}

/** Whether it is there or not. */
export function dropLanceIndex(uri: string): Promise<void> {
  return connected(uri, (connection) => connection.dropAllTables());
}

async function connected<T>(uri: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const lancedb = await loadLance();
  return sayStorageFaults(uri, async () => {
    const connection = await lancedb.connect(uri);
    return work(connection).finally(() => connection.close());
  });
}

function loadLance(): Promise<LanceDb> {
  for (const [name, bound] of Object.entries(MEMORY_BOUNDS)) process.env[name] ??= `${bound}`;
  return import("@lancedb/lancedb");
}

/** Of object storage Lance tells pages; of them what helps is the answer's code, or what became of the connection. */
const STORAGE_FAULTS = [
  /<Code>(\w{1,80})</,
  /(ConnectionRefused|dns error|BadScheme|TimedOut|Failed to get \w+ credentials|No object store provider)/,
];

async function sayStorageFaults<T>(uri: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!uri.includes("://") || cause instanceof VikhrError) throw cause;
    const { message } = cause as Error;
    const known = STORAGE_FAULTS.map((pattern) => pattern.exec(message)?.[1]).find((found) => found);
    const what = known ?? message.replace(/\s+/g, " ").slice(0, 200);
    throw new InputError(
      `the object storage at ${uri} fails (${what}): check the address, and the variables that docs/scale.md names`,
      { cause },
    );
  }
}

interface Place {
  uri: string;
  /** What makes a damaged index anew, in words. */
  repair: string;
}

/** What a file holds that is no index Lance tells in many ways, and with places in its own source. */
async function sayReadFaults<T>(place: Place, work: () => Promise<T>): Promise<T> {
  try {
    return await sayStorageFaults(place.uri, work);
  } catch (cause) {
    // Of JavaScript's own errors none comes from a file.
    if ((cause as Error).name !== "Error") throw cause;
    const fault = systemFault(cause);
    if (fault === undefined || ABSENT.test(fault)) throw damaged(place, cause);
    throw new InputError(
      `cannot read the index in ${place.uri}: ${fault}: check the disk and its permissions`,
      { cause },
    );
  }
}

/** In the system's words, such as "Permission denied". */
const systemFault = (cause: unknown) =>
  /[A-Z][\w ]{1,60}(?= \(os error \d+\))/.exec((cause as Error).message)?.[0];

/** A part of the index is not there. */
const ABSENT = /^No(t a directory| such file)/;

/** A change reads what is there. */
const isUnreadable = (cause: unknown) => /LanceError\(IO\)|Not found: /.test((cause as Error).message);

function damaged({ uri, repair }: Place, cause: unknown): VikhrError {
  return new VikhrError(`the index in ${uri} is damaged: ${repair}`, { cause });
}

/** Lance's own types of Arrow are of another copy of it, and cannot be taken for these. */
async function newSchema(dimension: number | undefined): Promise<Schema> {
  const { Field, FixedSizeList, Float32, Float64, Int32, Schema, Utf8 } = await import("apache-arrow");
  const text = (name: string, nullable = false) => new Field(name, new Utf8(), nullable);
  const integer = (name: string, nullable = false) => new Field(name, new Int32(), nullable);
  return new Schema([
    text("source"),
    integer("ordinal"),
    text("document_title", true),
    text("format"),
    text("hash"),
    new Field("modified", new Float64(), false),
    text("added_as"),
    text("title", true),
    text("text"),
    integer("start"),
    integer("end"),
    integer("page", true),
    text("terms"),
    ...(dimension === undefined
      ? []
      : [new Field("vector", new FixedSizeList(dimension, new Field("item", new Float32(), true)), true)]),
  ]);
}

/** None where no change was ever committed, though a process that was killed may have left files. */
async function openTable(connection: Connection): Promise<Table | undefined> {
  if (!(await connection.tableNames()).includes(TABLE)) return undefined;
  try {
    return await connection.openTable(TABLE);
  } catch (error) {
    if (/Dataset at path .* was not found/.test((error as Error).message)) return undefined;
    throw error;
  }
}

async function indexTerms(lancedb: LanceDb, table: Table): Promise<void> {
  // The terms are ours: the index only looks for what stands between spaces.
  const config = lancedb.Index.fts({
    baseTokenizer: "whitespace",
    lowercase: false,
    stem: false,
    removeStopWords: false,
    asciiFolding: false,
    withPosition: false,
  });
  await table.createIndex("terms", { config, replace: false });
}

type LanceDb = typeof import("@lancedb/lancedb");

interface Opened {
  table: Table;
  /** Of its vectors, where it has them. */
  dimension: number | undefined;
}

class LanceIndex implements ChunkIndex {
  readonly #place: Place;
  readonly #lancedb: LanceDb;
  readonly #connection: Connection;
  /** Of a table that is not made yet. */
  readonly #dimension: number | undefined;
  #opened: Opened | undefined;

  constructor(place: Place, lancedb: LanceDb, connection: Connection, dimension: number | undefined) {
    this.#place = place;
    this.#lancedb = lancedb;
    this.#connection = connection;
    this.#dimension = dimension;
  }

  /** The table, once some process has made it. */
  async opened(): Promise<Opened | undefined> {
    if (this.#opened) return this.#opened;
    const table = await openTable(this.#connection);
    if (!table) return undefined;
    const vector = (await table.schema()).fields.find(({ name }) => name === "vector");
    const dimension = (vector?.type as FixedSizeList | undefined)?.listSize;
    // Another question may have been as fast.
    this.#opened ??= { table, dimension };
    return this.#opened;
  }

  async #made(): Promise<Opened> {
    const there = await this.opened();
    if (there) return there;
    const schema = await newSchema(this.#dimension);
    const table = await this.#connection.createEmptyTable(TABLE, schema);
    await indexTerms(this.#lancedb, table);
    this.#opened = { table, dimension: this.#dimension };
    return this.#opened;
  }

  async documents(): Promise<IndexedSource[]> {
    const columns = ["source", "document_title", "format", "hash", "modified", "added_as"];
    const rows = await this.#rows((table) => table.query().where("ordinal <= 0").select(columns));
    return rows.map(toDocument).sort((a, b) => (a.source < b.source ? -1 : 1));
  }

  async replace(entries: readonly IndexEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await this.#write(async () => {
      const { table, dimension } = await this.#made();
      const rows = entries.flatMap((entry) => toRows(entry, dimension !== undefined));
      await this.#replaceRows(table, entries, await toArrowTable(rows, await newSchema(dimension)));
    });
  }

  async #replaceRows(table: Table, entries: readonly IndexEntry[], rows: ArrowTable): Promise<void> {
    const conditions = sourcesIn(entries.map(({ document }) => document.source));
    const present = await table.countRows(conditions.join(" OR "));
    if (present === 0) await table.add(rows);
    else
      await table
        .mergeInsert(["source", "ordinal"])
        .whenMatchedUpdateAll()
        .whenNotMatchedInsertAll()
        .whenNotMatchedBySourceDelete({ where: conditions.join(" OR ") })
        .execute(rows);
  }

  async remove(sources: readonly string[]): Promise<void> {
    if (sources.length === 0) return;
    await this.#write(async () => (await this.opened())?.table.delete(sourcesIn(sources).join(" OR ")));
  }

  async chunks(source: string): Promise<Chunk[]> {
    const condition = `ordinal >= 0 AND source = ${quoted(source)}`;
    const rows = await this.#rows((table) => table.query().where(condition).select(CHUNK_COLUMNS));
    return rows.map(toChunk).sort((a, b) => a.start - b.start);
  }

  async search(query: string, limit: number, filter: ChunkFilter = {}): Promise<ScoredChunk[]> {
    const terms = queryTerms(query);
    if (terms.length === 0) return [];
    const match = new this.#lancedb.MatchQuery(terms.join(" "), "terms");
    const condition = conditionOf(filter);
    const rows = await this.#rows((table) => {
      const search = table
        .query()
        .fullTextSearch(match)
        .select([...CHUNK_COLUMNS, "_score"])
        .limit(limit);
      return condition === "" ? search : search.where(condition);
    });
    return rows.map((row) => ({ chunk: toChunk(row), score: row._score as number })).sort(bestFirst);
  }

  /** Exact: every vector that fits the filter is compared. */
  async nearest(vector: Float32Array, limit: number, filter: ChunkFilter = {}): Promise<ScoredChunk[]> {
    if ((await this.opened())?.dimension === undefined) return [];
    const condition = ["ordinal >= 0", conditionOf(filter)].filter((one) => one !== "").join(" AND ");
    const rows = await this.#rows((table) =>
      table
        .query()
        .nearestTo(vector)
        .distanceType("cosine")
        .select([...CHUNK_COLUMNS, "_distance"])
        .limit(limit)
        .where(condition),
    );
    return rows.map((row) => ({ chunk: toChunk(row), score: 1 - (row._distance as number) })).sort(bestFirst);
  }

  async #rows(query: (table: Table) => { toArrow(): Promise<ArrowTable> }): Promise<Row[]> {
    return sayReadFaults(this.#place, async () => {
      const there = await this.opened();
      return there ? rowsOf(await query(there.table).toArrow()) : [];
    });
  }

  /** A process that was killed may have left words that are not indexed, or all of them. */
  async optimize(): Promise<void> {
    await this.#write(async () => {
      const there = await this.opened();
      if (!there) return;
      const isIndexed = (await there.table.listIndices()).some(({ columns }) => columns.includes("terms"));
      if (!isIndexed) await indexTerms(this.#lancedb, there.table);
      await there.table.optimize({ cleanupOlderThan: new Date(Date.now() - KEEP_VERSIONS) });
    });
  }

  /** A commit is there or is not: what the disk refuses leaves the last one. */
  async #write(change: () => Promise<unknown>): Promise<void> {
    const { uri } = this.#place;
    try {
      await sayStorageFaults(uri, change);
    } catch (cause) {
      const fault = systemFault(cause);
      if (fault === undefined && isUnreadable(cause)) throw damaged(this.#place, cause);
      if (fault === undefined) throw cause;
      throw new InputError(
        `cannot write the index in ${uri}: ${fault}: it stays as it was; make room or give leave, then vikhr sync`,
        { cause },
      );
    }
  }

  async close(): Promise<void> {
    this.#opened?.table.close();
    this.#connection.close();
  }
}

function toRows({ document, chunks, vectors }: IndexEntry, hasVectors: boolean): Row[] {
  const shared = {
    source: document.source,
    document_title: document.title,
    format: document.format,
    hash: document.hash,
    modified: document.modified,
    added_as: document.addedAs,
  };
  if (chunks.length === 0) {
    const none = { ordinal: -1, title: null, text: "", start: 0, end: 0, page: null, terms: "" };
    return [{ ...shared, ...none, ...(hasVectors && { vector: null }) }];
  }
  return chunks.map((chunk, ordinal) => ({
    ...shared,
    ordinal,
    title: chunk.title,
    text: chunk.text,
    start: chunk.start,
    end: chunk.end,
    page: chunk.page ?? null,
    terms: joinedChunkTerms(chunk),
    ...(hasVectors && { vector: vectors![ordinal]! }),
  }));
}

/** Plain objects, filled column by column: of a hundred rows in .3 ms, by Arrow's own rows in 1.5. */
function rowsOf(table: ArrowTable): Row[] {
  const rows = Array.from({ length: table.numRows }, () => ({}) as Row);
  for (const { name } of table.schema.fields) {
    const column = table.getChild(name)!;
    for (const [i, row] of rows.entries()) row[name] = column.get(i);
  }
  return rows;
}

function toDocument(row: Row): IndexedSource {
  return {
    source: row.source,
    title: row.document_title,
    format: row.format as TextFormat,
    hash: row.hash,
    modified: row.modified,
    addedAs: row.added_as,
  };
}

function toChunk(row: Row): Chunk {
  const { source, title, format, text, start, end, page } = row;
  const chunk = { source, title, format: format as TextFormat, text, start, end };
  return page === null ? chunk : { ...chunk, page };
}

function sourcesIn(sources: readonly string[]): string[] {
  const conditions: string[] = [];
  for (let at = 0; at < sources.length; at += SOURCES_AT_ONCE)
    conditions.push(
      `source IN (${sources
        .slice(at, at + SOURCES_AT_ONCE)
        .map(quoted)
        .join(", ")})`,
    );
  return conditions;
}

function conditionOf({ pathPrefix, formats, modifiedFrom, modifiedTo }: ChunkFilter): string {
  const conditions: string[] = [];
  if (pathPrefix) conditions.push(isBelow(pathPrefix));
  if (formats) conditions.push(isOf(formats));
  if (modifiedFrom !== undefined) conditions.push(`modified >= ${modifiedFrom}`);
  if (modifiedTo !== undefined) conditions.push(`modified <= ${modifiedTo}`);
  return conditions.join(" AND ");
}

function isBelow(path: string): string {
  const { exact, beginnings } = sourcesBelow(path);
  return anyOf([
    ...exact.map((place) => `source = ${quoted(place)}`),
    ...beginnings.map((beginning) => `starts_with(source, ${quoted(beginning)})`),
  ]);
}

function isOf(names: readonly FormatName[]): string {
  const { formats, endings } = formatsNamed(names);
  return anyOf([
    ...formats.map((format) => `format = ${quoted(format)}`),
    ...endings.map((ending) => `ends_with(lower(source), ${quoted(ending)})`),
  ]);
}

const anyOf = (conditions: readonly string[]) =>
  conditions.length > 0 ? `(${conditions.join(" OR ")})` : "false";

/** Threat: a path with a quotation mark that ends the string and goes on as a condition. */
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
