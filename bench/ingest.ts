/**
 * npm run bench -- ingest
 *
 * `vikhr add` of ten thousand Markdown files, and `vikhr sync` when nothing has changed: the commands themselves, each in
 * a process on one core. The bars are of processor time, which other work on the machine hardly touches.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatBytes } from "../src/util/format-quantity.ts";
import { makeFiles } from "./ingest/make-files.ts";
import type { Usage } from "./ingest/report-usage.ts";
import { hasTaskset, runCommand } from "./ingest/run-command.ts";

/** MB of Markdown a processor second, end to end; and processor seconds of a sync of as many files as are made. */
const BAR_RATE = 2;
const BAR_SYNC = 5;
const FILES = 10_000;

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      /** The bars are for 10000. */
      files: { type: "string", default: String(FILES) },
      json: { type: "boolean", default: false },
    },
  });
  const files = Number(values.files);
  const folder = mkdtempSync(join(tmpdir(), "vikhr-bench-"));
  try {
    const [documents, data] = [join(folder, "documents"), join(folder, "data")];
    mkdirSync(data);
    const made = await makeFiles(documents, files);
    const oneCore = hasTaskset();
    const options = { folder: data, oneCore };
    // What starting takes, which is of the loader of TypeScript for the most.
    const started = (await runCommand(["--version"], options)).usage;
    const added = await runCommand(["add", documents, "--json"], options);
    const synced = await runCommand(["sync", "--json"], options);
    check(added.output, { added: files, failed: [] });
    check(synced.output, { unchanged: files, added: 0, replaced: 0, removed: 0 });
    const { chunks } = JSON.parse(added.output) as { chunks: number };
    const figures = { files, ...made, chunks, oneCore, started, added: added.usage, synced: synced.usage };
    if (values.json) console.log(JSON.stringify(figures));
    else print(figures);
    if (!(rateOf(figures) >= BAR_RATE && figures.synced.cpuSeconds <= BAR_SYNC)) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Figures {
  files: number;
  bytes: number;
  from: string;
  chunks: number;
  oneCore: boolean;
  started: Usage;
  added: Usage;
  synced: Usage;
}

/** MB a processor second, starting included. */
const rateOf = ({ bytes, added }: Figures) => bytes / 1e6 / added.cpuSeconds;

function print(figures: Figures): void {
  const { files, bytes, from, chunks, oneCore, started, added, synced } = figures;
  console.log(
    `${files} Markdown files of ${from}, ${formatBytes(bytes)}, ${chunks} chunks; ${oneCore ? "on one core" : "taskset is not there: on all cores"}\n`,
  );
  row(["", "CPU s", "wall s", "MB/s by CPU", "by wall", "peak resident", "bar"]);
  row(["vikhr --version", ...timesOf(started), "-", "-", formatBytes(started.peak), ""]);
  row([
    "vikhr add",
    ...timesOf(added),
    rateOf(figures).toFixed(2),
    (bytes / 1e6 / added.wallSeconds).toFixed(2),
    formatBytes(added.peak),
    `${BAR_RATE} MB/s by CPU: ${verdict(rateOf(figures) >= BAR_RATE)}`,
  ]);
  row([
    "vikhr sync",
    ...timesOf(synced),
    (bytes / 1e6 / synced.cpuSeconds).toFixed(2),
    (bytes / 1e6 / synced.wallSeconds).toFixed(2),
    formatBytes(synced.peak),
    `${BAR_SYNC} s of CPU: ${verdict(synced.cpuSeconds <= BAR_SYNC)}`,
  ]);
}

const timesOf = ({ cpuSeconds, wallSeconds }: Usage) => [cpuSeconds.toFixed(2), wallSeconds.toFixed(2)];
const verdict = (met: boolean) => (met ? "met" : "MISSED");

function row(cells: readonly string[]): void {
  const widths = [16, 9, 9, 14, 10, 16, 30];
  console.log(
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[i]!))).join(""),
  );
}

/** Throws where a command did not do what is measured. */
function check(output: string, expected: Record<string, unknown>): void {
  const result = JSON.parse(output) as Record<string, unknown>;
  for (const [key, value] of Object.entries(expected))
    if (JSON.stringify(result[key]) !== JSON.stringify(value))
      throw new Error(`${key} is ${JSON.stringify(result[key])} and should be ${JSON.stringify(value)}`);
}
