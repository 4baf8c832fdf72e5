/** A collection brought up to its files, for the commands that do so: progress while it runs, counts at its end. */
import { EXIT } from "../../errors.ts";
import type { Collection, LinkedSource } from "../../index/collections.ts";
import type { SyncProgress, SyncResult } from "../../index/sync.ts";
import { type SyncPart, syncCorpus } from "../../rag/sync-corpus.ts";
import { formatBytes, formatCount, formatDuration } from "../../util/format-quantity.ts";
import { progressLine } from "../../util/progress-line.ts";
import { terminalJson, terminalLine } from "../../util/terminal-text.ts";
import { onInterrupt } from "../signals.ts";
import { embeddingReference, openCorpus, openEmbedding } from "./open-corpus.ts";

export interface SyncCollectionOptions {
  /** Turns what is linked now into what shall be. */
  change?: (sources: readonly LinkedSource[]) => readonly LinkedSource[];
  /** Called after `change`; what of the collection is looked at. Default: all of it. */
  part?: () => Promise<SyncPart>;
  /** Says nothing where all was as it is, and what failed is what failed before. */
  onlyChanges?: boolean;
  /** By collection, what failed before; kept up to date. */
  failedBefore?: Map<string, string>;
}

/** The exit code: 3 where some files could not be read. */
export async function syncCollection(
  collection: Collection,
  flags: Readonly<Record<string, unknown>>,
  {
    change = (sources) => sources,
    part,
    onlyChanges = false,
    failedBefore = new Map(),
  }: SyncCollectionOptions = {},
): Promise<number> {
  const interruption = onInterrupt();
  const line = progressLine();
  const started = performance.now();
  try {
    const result = await syncCorpus(collection, {
      prepare: async () => {
        await changeContents(collection, change, flags.embeddingModel);
        return part?.();
      },
      open: openCorpus,
      signal: interruption.signal,
      allowPrivate: Boolean(flags.allowPrivate),
      onProgress: (progress) => line.show(describe(progress, (performance.now() - started) / 1000)),
    });
    line.clear();
    const failed = JSON.stringify(result.failed);
    const isOther = failedBefore.get(collection.name) !== failed;
    failedBefore.set(collection.name, failed);
    if (!onlyChanges || isOther || result.added + result.replaced + result.removed > 0)
      process.stdout.write(
        flags.json ? `${terminalJson(toJson(collection, result))}\n` : report(collection, result),
      );
    return result.failed.length > 0 ? EXIT.partly : EXIT.ok;
  } catch (error) {
    line.clear();
    if (!interruption.signal.aborted) throw error;
    process.stderr.write("vikhr: stopped; vikhr sync goes on from there\n");
    return EXIT.interrupted;
  } finally {
    interruption.dispose();
  }
}

/** A new embedding model makes the vectors, and so the index, anew. */
async function changeContents(
  collection: Collection,
  change: NonNullable<SyncCollectionOptions["change"]>,
  embeddingModel: unknown,
): Promise<void> {
  const { sources, embedding: before } = collection.contents();
  const contents = { sources: [...change(sources)], ...(before && { embedding: before }) };
  if (typeof embeddingModel !== "string") return collection.writeContents(contents);
  const model = embeddingReference(embeddingModel);
  const opened = await openEmbedding(model);
  const { dimension } = opened;
  await opened.close();
  if (before?.model !== model || before.dimension !== dimension) await collection.dropIndex();
  await collection.writeContents({ ...contents, embedding: { model, dimension } });
}

function describe({ files, totalFiles, bytes, totalBytes, chunks }: SyncProgress, seconds: number): string {
  const rate = bytes / Math.max(seconds, 0.001);
  return [
    `${files} of ${totalFiles} files`,
    `${formatCount(chunks)} chunks`,
    `${formatBytes(Math.round(rate))}/s`,
    `ETA ${formatDuration((totalBytes - bytes) / rate)}`,
  ].join("  ");
}

function report({ name }: Collection, result: SyncResult): string {
  const { added, replaced, removed, unchanged, chunks, failed, skipped } = result;
  const counts = `${added} added, ${replaced} replaced, ${removed} removed, ${unchanged} unchanged; ${chunks} chunks written`;
  const faults = failed.map(({ path, reason }) => terminalLine(`  not read: ${path}: ${reason}`));
  return [terminalLine(`${name}: ${counts}`), ...faults, ...(skipped ? [skippedLine(skipped)] : []), ""].join(
    "\n",
  );
}

function skippedLine({ files, kinds }: NonNullable<SyncResult["skipped"]>): string {
  const what = files === 1 ? "1 file of a kind that is" : `${files} files of kinds that are`;
  return terminalLine(`passed over: ${what} not read, such as ${kinds.join(", ")}`);
}

function toJson({ name }: Collection, result: SyncResult): object {
  return { collection: name, ...result };
}
