/** One size of the corpus: our index and the peer's built and asked, each in processes of their own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { percentile } from "../statistics.ts";
import type { Build } from "./build-process.ts";
import { makeQueries } from "./corpus.ts";
import { inProcess } from "./in-process.ts";
import { buildPeer, type PeerBuild, type PeerTimes, queryPeer } from "./peer.ts";
import type { QueryTimes } from "./query-process.ts";

/** Words of a query. */
const LENGTHS = [3, 5, 12];

/** Processor milliseconds that half and 95 % of the queries do not exceed. */
export interface Times {
  p50: number;
  p95: number;
}

export interface LengthTimes {
  length: number;
  /** `ChunkIndex.search` for 100 candidates, the whole of `search` for 10 hits, and the peer's 100. */
  candidates: Times;
  hits: Times;
  peer?: Times;
}

export interface SizeFigures {
  chunks: number;
  build: Build;
  query: Omit<QueryTimes, "candidates" | "hits">;
  times: LengthTimes[];
  peer?: { build: PeerBuild; query: Omit<PeerTimes, "candidates"> };
}

export interface MeasureOptions {
  /** Of each length. */
  queries: number;
  /** That has FTS5: none, no peer. */
  python: string | undefined;
  note(text: string): void;
}

export async function measure(
  chunks: number,
  { queries: count, python, note }: MeasureOptions,
): Promise<SizeFigures> {
  const queries = LENGTHS.map((length) => makeQueries(chunks, length, count));
  const ours = await inFolder(async (folder) => {
    note(`${chunks} chunks: building ...`);
    const build = await inProcess<Build>(new URL("./build-process.ts", import.meta.url), { folder, chunks });
    note(`${chunks} chunks: asking ...`);
    const module = new URL("./query-process.ts", import.meta.url);
    return { build, asked: await inProcess<QueryTimes>(module, { folder, queries }) };
  });
  const theirs = python ? await measurePeer(chunks, queries, python, note) : undefined;
  const { candidates, hits, ...query } = ours.asked;
  const times = LENGTHS.map((length, i) => ({
    length,
    candidates: timesOf(candidates[i]!),
    hits: timesOf(hits[i]!),
    ...(theirs && { peer: timesOf(theirs.candidates[i]!) }),
  }));
  return { chunks, build: ours.build, query, times, ...(theirs && { peer: theirs }) };
}

async function measurePeer(
  chunks: number,
  queries: string[][],
  python: string,
  note: (text: string) => void,
) {
  return inFolder(async (folder) => {
    const path = join(folder, "peer.sqlite");
    note(`${chunks} chunks: building SQLite FTS5 ...`);
    const build = await buildPeer(python, path, chunks);
    note(`${chunks} chunks: asking SQLite FTS5 ...`);
    const { candidates, ...query } = await queryPeer(python, path, queries);
    return { build, query, candidates };
  });
}

async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "vikhr-bench-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const timesOf = (values: readonly number[]): Times => ({
  p50: percentile(values, 0.5),
  p95: percentile(values, 0.95),
});
