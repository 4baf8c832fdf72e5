/** The peer's side: SQLite FTS5 by peer-fts5.py, in a process each for building and for querying, given our terms. */
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { IndexEntry } from "../../src/index/chunk-index.ts";
import { chunkTerms, queryTerms } from "../../src/index/chunk-terms.ts";
import { batches } from "./corpus.ts";
import { cpuSeconds } from "./usage.ts";

export interface PeerBuild {
  version: string;
  /** Of Python; `termSeconds` are ours, of making the terms that it was given. */
  cpuSeconds: number;
  termSeconds: number;
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
  let termSeconds = 0;
  async function* lines() {
    for (const entries of batches(chunks)) {
      const start = cpuSeconds();
      const made = linesOf(entries);
      termSeconds += cpuSeconds() - start;
      yield made;
    }
  }
  const figures = await runPeer<Omit<PeerBuild, "termSeconds">>(python, "build", path, lines());
  return { ...figures, termSeconds };
}

/** `queries` as for our index, which takes the same terms from them. */
export async function queryPeer(python: string, path: string, queries: string[][]): Promise<PeerTimes> {
  const sets = queries.map((own) => own.map(queryTerms));
  return runPeer<PeerTimes>(python, "query", path, [`${JSON.stringify(sets)}\n`]);
}

function linesOf(entries: readonly IndexEntry[]): string {
  return entries
    .flatMap(({ chunks }) => chunks)
    .map((chunk) => `${[chunk.source, chunk.title, chunk.text, chunkTerms(chunk).join(" ")].join("\t")}\n`)
    .join("");
}

async function runPeer<Figures>(
  python: string,
  command: "build" | "query",
  path: string,
  input: Iterable<string> | AsyncIterable<string>,
): Promise<Figures> {
  const child = spawn(python, [join(import.meta.dirname, "peer-fts5.py"), command, path], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [output] = await Promise.all([text(child.stdout), pipeline(Readable.from(input), child.stdin)]);
  if (output === "") throw new Error("peer-fts5.py ended: see above");
  return JSON.parse(output) as Figures;
}
