/** A process that builds an index of the corpus, as a sync does: batch by batch, then `optimize`. */
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
  wallSeconds: number;
  diskBytes: number;
  resident: Resident;
}

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
  return {
    textBytes,
    writing,
    optimizing,
    wallSeconds,
    diskBytes: folderBytes(folder),
    resident: resident(),
  };
});
