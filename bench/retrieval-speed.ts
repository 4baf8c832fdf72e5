/**
 * npm run bench -- retrieval-speed
 *
 * Synthetic corpora of 100 thousand and a million chunks: how fast an index of them is built, what it takes of disk and
 * memory, and processor time of queries of 3, 5 and 12 words; beside SQLite FTS5 over the same terms. Lexical only.
 */
import { parseArgs } from "node:util";
import { formatBytes, formatCount } from "../src/util/format-quantity.ts";
import { measure, type SizeFigures, type Times } from "./retrieval-speed/measure.ts";
import { findPython, HOW_TO_INSTALL } from "./retrieval-speed/peer.ts";

/** Of a million chunks: processor milliseconds that 95 % of the queries do not exceed, and bytes resident. */
const BAR_CHUNKS = 1_000_000;
const BAR_P95 = 60;
const BAR_RESIDENT = 2e9;

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      chunks: { type: "string", default: "100000,1000000" },
      /** Of each length. */
      queries: { type: "string", default: "200" },
      json: { type: "boolean", default: false },
    },
  });
  const note = (text: string) => process.stderr.write(`${text}\n`);
  const python = findPython();
  if (!python) note(HOW_TO_INSTALL);
  for (const chunks of values.chunks.split(",").map(Number)) {
    const figures = await measure(chunks, { queries: Number(values.queries), python, note });
    const missed = missedBars(figures);
    if (values.json) console.log(JSON.stringify({ ...figures, missed }));
    else print(figures, missed);
    if (missed.length > 0) process.exitCode = 1;
  }
}

/** What is over its bar, and by how much; nothing for a smaller corpus, which has no bars. */
function missedBars({ chunks, build, query, times }: SizeFigures): string[] {
  if (chunks < BAR_CHUNKS) return [];
  const missed = times
    .filter(({ candidates }) => !(candidates.p95 <= BAR_P95))
    .map(({ length, candidates }) => `p95 of ${length} words: ${candidates.p95.toFixed(1)} ms`);
  const resident = { building: build.resident.peak, asking: query.resident.peak };
  for (const [when, bytes] of Object.entries(resident))
    if (!(bytes <= BAR_RESIDENT)) missed.push(`resident while ${when}: ${formatBytes(bytes)}`);
  return missed;
}

function print(figures: SizeFigures, missed: readonly string[]): void {
  const { chunks, build, query, peer } = figures;
  console.log(`\n${formatCount(chunks)} chunks, ${formatBytes(build.textBytes)} of text`);
  row([
    "",
    "MB/s by CPU",
    "of it terms",
    "by wall",
    "disk",
    "later",
    "peak building",
    "peak asking",
    "first query",
  ]);
  const megabytes = build.textBytes / 1e6;
  const cpu = build.writing + build.optimizing;
  row([
    "ours",
    (megabytes / cpu).toFixed(2),
    part(build.terms, cpu),
    (megabytes / build.wallSeconds).toFixed(2),
    formatBytes(build.diskBytes),
    formatBytes(build.lastingBytes),
    formatBytes(build.resident.peak),
    formatBytes(query.resident.peak),
    `${query.first.toFixed(0)} ms`,
  ]);
  if (peer) {
    const { cpuSeconds, diskBytes, peak } = peer.build;
    // Making the terms is part of either.
    const theirs = cpuSeconds + build.terms;
    row([
      `FTS5 ${peer.build.version}`,
      (megabytes / theirs).toFixed(2),
      part(build.terms, theirs),
      "-",
      formatBytes(diskBytes),
      formatBytes(diskBytes),
      formatBytes(peak),
      formatBytes(peer.query.peak),
      `${peer.query.first.toFixed(0)} ms`,
    ]);
    row([
      "FTS5 / ours",
      (cpu / theirs).toFixed(2),
      "",
      "",
      (diskBytes / build.diskBytes).toFixed(2),
      (diskBytes / build.lastingBytes).toFixed(2),
      (peak / build.resident.peak).toFixed(2),
      (peer.query.peak / query.resident.peak).toFixed(2),
      (peer.query.first / query.first).toFixed(2),
    ]);
  }
  printTimes(figures);
  if (chunks < BAR_CHUNKS) return;
  const bars = `p95 at most ${BAR_P95} ms for 100 candidates, resident at most ${formatBytes(BAR_RESIDENT)}`;
  console.log(`bars (${bars}): ${missed.length === 0 ? "met" : `MISSED: ${missed.join("; ")}`}`);
}

/** Ratios are of the peer's time to ours: above 1, ours is the faster. */
function printTimes({ times, query, peer }: SizeFigures): void {
  console.log("");
  row(["CPU ms, p50 / p95", "100 candidates", "FTS5", "FTS5 / ours", "whole search, 10 hits"]);
  for (const { length, candidates, hits, peer: theirs } of times)
    row([
      `${length} words`,
      both(candidates),
      theirs ? both(theirs) : "-",
      theirs
        ? `${(theirs.p50 / candidates.p50).toFixed(2)} / ${(theirs.p95 / candidates.p95).toFixed(2)}`
        : "-",
      both(hits),
    ]);
  console.log(`found in all: ${query.found}${peer ? `, FTS5 for its queries ${peer.query.found}` : ""}`);
}

const both = ({ p50, p95 }: Times) => `${p50.toFixed(1)} / ${p95.toFixed(1)}`;
const part = (some: number, all: number) => `${((100 * some) / all).toFixed(0)} %`;

function row(cells: readonly string[]): void {
  const widths = [17, 18, 15, 15, 22, 12, 15, 13, 13];
  console.log(
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[i]!))).join(""),
  );
}
