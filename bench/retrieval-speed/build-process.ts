/** A process that builds an index of the corpus, as a sync does: batch by batch, then `optimize`. */
import { chunkTerms } from "../../src/index/chunk-terms.ts";
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
  /** Of `writing`, what making the terms takes: by a sample. */
  terms: number;
  wallSeconds: number;
  diskBytes: number;
  resident: Resident;
}

/** Of other chunks, after those of the corpus: two batches. */
const SAMPLE = 8000;

answer(async ({ folder, chunks }: BuildInput): Promise<Build> => {
  const index = await openLanceIndex(folder);
  let [textBytes, writing, wallSeconds] = [0, 0, 0];
  for (const entries of batches(chunks)) {
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
  const used = resident();
  const terms = (chunks / SAMPLE) * termSeconds(chunks);
  return {
    textBytes,
    writing,
    optimizing,
    terms,
    wallSeconds,
    diskBytes: folderBytes(folder),
    resident: used,
  };
});

function termSeconds(from: number): number {
  let seconds = 0;
  for (const entries of batches(from + SAMPLE, from)) {
    const start = cpuSeconds();
    for (const { chunks } of entries) for (const chunk of chunks) chunkTerms(chunk).join(" ");
    seconds += cpuSeconds() - start;
  }
  return seconds;
}
