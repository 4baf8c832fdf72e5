/** The peer's side: SQLite FTS5 by peer-fts5.py, in a process each for building and for querying, given our terms. */
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { IndexEntry } from "../../src/index/chunk-index.ts";
import { queryTerms } from "../../src/index/chunk-terms.ts";
import { indexTerms } from "../../src/index/terms.ts";
import type { Chunk } from "../../src/spec/document.ts";
import { batches } from "./corpus.ts";

export interface PeerBuild {
  version: string;
  /** Of Python, which is given the terms. */
  cpuSeconds: number;
  diskBytes: number;
  peak: number;
}

export interface PeerTimes {
  /** Processor milliseconds of the first query, and of each query of each set. */
  first: number;
  candidates: number[][];
  found: number;
  peak: number;
}

export const HOW_TO_INSTALL =
  "SQLite FTS5 is not there; on Debian: apt-get install python3 (its sqlite3 module has it)";

/** The first Python whose SQLite has FTS5: the one on the path, or the system's. */
export function findPython(): string | undefined {
  const check = "import sqlite3; sqlite3.connect(':memory:').execute('create virtual table t using fts5(x)')";
  return ["python3", "/usr/bin/python3"].find((python) => spawnSync(python, ["-c", check]).status === 0);
}

export async function buildPeer(python: string, path: string, chunks: number): Promise<PeerBuild> {
  function* lines() {
    for (const entries of batches(chunks)) yield linesOf(entries);
  }
  return runPeer<PeerBuild>(python, "build", path, lines());
}

/** Queries of each length: it takes a second or more for one where there are a million chunks. */
const MOST_QUERIES = 50;

/** `queries` as for our index, which takes the same terms from them. */
export async function queryPeer(python: string, path: string, queries: string[][]): Promise<PeerTimes> {
  const sets = queries.map((own) => own.slice(0, MOST_QUERIES).map(queryTerms));
  return runPeer<PeerTimes>(python, "query", path, [`${JSON.stringify(sets)}\n`]);
}

function linesOf(entries: readonly IndexEntry[]): string {
  return entries
    .flatMap(({ chunks }) => chunks)
    .map((chunk) => `${[chunk.source, chunk.title, chunk.text, termsOf(chunk).join(" ")].join("\t")}\n`)
    .join("");
}

const known = new Map<string, string[]>();

/** Those of `chunkTerms`, many times sooner: the corpus has few words for its size, and plain ones. */
function termsOf({ title, text }: Chunk): string[] {
  const words = `${title} ${text}`.toLowerCase().match(/[a-zа-я]+/g)!;
  return words.flatMap((word) => {
    const terms = known.get(word) ?? indexTerms(word);
    known.set(word, terms);
    return terms;
  });
}

async function runPeer<Figures>(
  python: string,
  command: "build" | "query",
  path: string,
  input: Iterable<string>,
): Promise<Figures> {
  const child = spawn(python, [join(import.meta.dirname, "peer-fts5.py"), command, path], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [output] = await Promise.all([text(child.stdout), pipeline(Readable.from(input), child.stdin)]);
  if (output === "") throw new Error("peer-fts5.py ended: see above");
  return JSON.parse(output) as Figures;
}
