/**
 * Random access to a JSONL file of rows, cluster by cluster: consecutive lines with the same `cluster` are one.
 * Holds offsets only, so that a file larger than memory can be shuffled. A line that does not fit the schema is an
 * InputError with file and line.
 */
import { closeSync, readSync } from "node:fs";
import type { z } from "zod";
import { decodeLine, type JsonlLine, openJsonl, parseJsonlRow, readLines } from "./read-jsonl.ts";

export interface JsonlClusters<Row> {
  readonly path: string;
  /** Number of clusters. */
  readonly length: number;
  /** Number of rows. */
  readonly rowCount: number;
  read(cluster: number): Row[];
  close(): void;
}

export function openJsonlClusters<Row extends { cluster?: string | undefined }>(
  path: string,
  schema: z.ZodType<Row>,
): JsonlClusters<Row> {
  const fd = openJsonl(path);
  const parse = (text: string, line: number) => parseJsonlRow(text, schema, path, line);
  const clusters: JsonlLine[][] = [];
  let rowCount = 0;
  let last: string | undefined;
  try {
    for (const { text, ...line } of readLines(fd, path)) {
      const { cluster } = parse(text, line.number);
      rowCount++;
      if (cluster !== undefined && cluster === last) clusters.at(-1)!.push(line);
      else clusters.push([line]);
      last = cluster;
    }
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return {
    path,
    length: clusters.length,
    rowCount,
    read(index) {
      return clusters[index]!.map((line) => {
        const bytes = Buffer.alloc(line.length);
        readSync(fd, bytes, 0, line.length, line.offset);
        return parse(decodeLine(bytes, path, line.number), line.number);
      });
    },
    close: () => closeSync(fd),
  };
}
