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
const READ_BYTES = 256 * 1024;
/** What some editors put before UTF-8. */
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

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
        return parse(decode(bytes, path, line.number), line.number);
      });
    },
    close: () => closeSync(fd),
  };
}

/** Threat: text in another encoding, whose letters would all become U+FFFD, and be learnt. */
function decode(bytes: Buffer, path: string, line: number): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new InputError(`${path}:${line}: not UTF-8 text: convert it first`, { cause });
  }
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
  // Of the line that goes on in the next chunk.
  let pieces: Buffer[] = [];
  let offset = 0;
  let number = 0;
  for (;;) {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    const chunk = buffer.subarray(0, readSync(fd, buffer, 0, READ_BYTES, null));
    const atEnd = chunk.length === 0;
    for (let start = 0; start < chunk.length || (atEnd && pieces.length > 0); ) {
      const end = atEnd ? 0 : chunk.indexOf(10, start);
      pieces.push(chunk.subarray(start, end < 0 ? undefined : end));
      if (end < 0) break;
      const bytes = Buffer.concat(pieces);
      pieces = [];
      number++;
      const skipped = number === 1 && bytes.indexOf(BYTE_ORDER_MARK) === 0 ? BYTE_ORDER_MARK.length : 0;
      const text = decode(bytes.subarray(skipped), path, number);
      if (text.trim() !== "")
        yield { text, offset: offset + skipped, length: bytes.length - skipped, number };
      offset += bytes.length + 1;
      start = end + 1;
    }
    if (atEnd) return;
    if (pieces.reduce((n, piece) => n + piece.length, 0) > MAX_LINE_BYTES)
      throw new InputError(
        `${path}:${number + 1}: a line of more than ${MAX_LINE_BYTES} bytes: one JSON object a line is expected`,
      );
  }
}
