/** A process that builds an index of the corpus, as a sync does: batch by batch, then `optimize`. */
import { joinedChunkTerms } from "../../src/index/chunk-terms.ts";
import { openLanceIndex } from "../../src/index/lance-index.ts";
import { batches } from "./corpus.ts";
import { answer } from "./in-process.ts";
import { cpuSeconds, folderBytes, type Resident, resident } from "./usage.ts";

export interface BuildInput {
  folder: string;
  chunks: number;
}

export interface Build {
  /** Of the chunks' text, in UTF-8. */
  textBytes: number;
  /** Processor seconds: of making terms and writing, and of `optimize`, where the words are indexed. */
  writing: number;
  optimizing: number;
  /** Of `writing`, what making the terms takes: by a sample, of other chunks, taken all along. */
  terms: number;
  wallSeconds: number;
  /** As the build leaves it, and without the versions that `optimize` keeps for ten minutes. */
  diskBytes: number;
  lastingBytes: number;
  resident: Resident;
}

/** Every so many batches the terms of this many other chunks are made. */
const SAMPLE_EVERY = 5;
const SAMPLE = 1000;

answer(async ({ folder, chunks }: BuildInput): Promise<Build> => {
  const index = await openLanceIndex(folder);
  let [textBytes, writing, wallSeconds, count, sampled, sampleSeconds] = [0, 0, 0, 0, 0, 0];
  for (const entries of batches(chunks)) {
    if (count++ % SAMPLE_EVERY === 0) {
      sampleSeconds += termSeconds(chunks + sampled);
      sampled += SAMPLE;
    }
    for (const { chunks: own } of entries)
      textBytes += own.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    // Making the corpus does not count.
    const [cpu, wall] = [cpuSeconds(), performance.now()];
    await index.replace(entries);
    writing += cpuSeconds() - cpu;
    wallSeconds += (performance.now() - wall) / 1000;
  }
  const [cpu, wall] = [cpuSeconds(), performance.now()];
  await index.optimize();
  const optimizing = cpuSeconds() - cpu;
  wallSeconds += (performance.now() - wall) / 1000;
  await index.close();
  const [used, diskBytes] = [resident(), folderBytes(folder)];
  await dropOldVersions(folder);
  const lastingBytes = folderBytes(folder);
  const terms = (chunks / sampled) * sampleSeconds;
  return { textBytes, writing, optimizing, terms, wallSeconds, diskBytes, lastingBytes, resident: used };
});

function termSeconds(from: number): number {
  let seconds = 0;
  for (const entries of batches(from + SAMPLE, from)) {
    const start = cpuSeconds();
    for (const { chunks } of entries) for (const chunk of chunks) joinedChunkTerms(chunk);
    seconds += cpuSeconds() - start;
  }
  return seconds;
}

/** What the next sync does that comes more than ten minutes later. */
async function dropOldVersions(folder: string): Promise<void> {
  const { connect } = await import("@lancedb/lancedb");
  const connection = await connect(folder);
  for (const name of await connection.tableNames()) {
    const table = await connection.openTable(name);
    await table.optimize({ cleanupOlderThan: new Date() });
  }
}
