/**
 * Random access to a JSONL file of rows, cluster by cluster: consecutive lines with the same `cluster` are one.
 * Holds offsets only, so that a file larger than memory can be shuffled. A line that does not fit the schema is an
 * InputError with file and line.
 */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { z } from "zod";
import { InputError } from "../errors.ts";

/** Threat: one endless line. A dialogue of 128k tokens is about 1 MB. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const READ_BYTES = 4 * 1024 * 1024;
/** What some editors put before UTF-8. */
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

export interface JsonlClusters<Row> {
  readonly path: string;
  /** Number of clusters. */
  readonly length: number;
  /** Number of rows. */
  readonly rowCount: number;
  read(cluster: number): Row[];
  close(): void;
}

interface Line {
  offset: number;
  length: number;
  number: number;
}

export function openJsonlClusters<Row extends { cluster?: string | undefined }>(
  path: string,
  schema: z.ZodType<Row>,
): JsonlClusters<Row> {
  const fd = openFile(path);
  const parse = (text: string, line: number): Row => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new InputError(`${path}:${line}: not JSON: ${(cause as Error).message}`, { cause });
    }
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const issue = result.error.issues[0]!;
    throw new InputError(`${path}:${line}: ${issue.path.join(".") || "row"}: ${issue.message}`);
  };
  const clusters: Line[][] = [];
  let rowCount = 0;
  let last: string | undefined;
  try {
    for (const { text, ...line } of lines(fd, path)) {
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
        return parse(bytes.toString("utf8"), line.number);
      });
    },
    close: () => closeSync(fd),
  };
}

function openFile(path: string): number {
  try {
    // Before opening: opening a named pipe would wait for ever.
    if (!statSync(path).isFile()) throw new Error("it is not a file");
    return openSync(path, "r");
  } catch (cause) {
    throw new InputError(`cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** The lines that are not blank, with their places in bytes. */
function* lines(fd: number, path: string): Generator<Line & { text: string }> {
  const buffer = Buffer.alloc(READ_BYTES);
  let rest = Buffer.alloc(0);
  let restOffset = 0;
  let number = 0;
  for (;;) {
    const read = readSync(fd, buffer, 0, READ_BYTES, null);
    const data = read === 0 ? rest : Buffer.concat([rest, buffer.subarray(0, read)]);
    let start = restOffset === 0 && data.indexOf(BYTE_ORDER_MARK) === 0 ? BYTE_ORDER_MARK.length : 0;
    for (;;) {
      let end = data.indexOf(10, start);
      if (end < 0 && read === 0 && start < data.length) end = data.length;
      if (end < 0) break;
      number++;
      const text = data.toString("utf8", start, end);
      if (text.trim() !== "") yield { text, offset: restOffset + start, length: end - start, number };
      start = end + 1;
    }
    if (read === 0) return;
    rest = Buffer.from(data.subarray(start));
    restOffset += start;
    if (rest.length > MAX_LINE_BYTES)
      throw new InputError(
        `${path}:${number + 1}: a line of more than ${MAX_LINE_BYTES} bytes: one JSON object a line is expected`,
      );
  }
}
