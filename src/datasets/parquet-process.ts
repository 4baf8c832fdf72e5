/** The process that read-parquet.ts reads in: a path in, the rows that its file holds, or what is wrong with it, out. */
import type { FromParquet } from "./read-parquet.ts";

// Ctrl-C reaches the whole group of processes; it is the parent that decides.
process.on("SIGINT", () => undefined);
process.on("disconnect", () => process.exit());
process.on("message", async (path: string) => process.send?.(await read(path)));

async function read(path: string): Promise<FromParquet> {
  try {
    const { asyncBufferFromFile, parquetReadObjects } = await import("hyparquet");
    const { compressors } = await import("hyparquet-compressors");
    return { rows: await parquetReadObjects({ file: await asyncBufferFromFile(path), compressors }) };
  } catch (error) {
    return { fault: (error as Error).message };
  }
}
