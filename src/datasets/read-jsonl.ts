/** The rows of a JSONL file, one after the other, each checked; a fault is an InputError with file and line. */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { z } from "zod";
import { InputError } from "../errors.ts";

/** Threat: one endless line. A dialogue of 128k tokens is about 1 MB. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const READ_BYTES = 256 * 1024;
/** What some editors put before UTF-8. */
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export interface JsonlLine {
  /** In bytes, from the start of the file; without the end of the line. */
  offset: number;
  length: number;
  /** From 1. */
  number: number;
}

/** All rows. For files larger than memory there is `openJsonlClusters`. */
export function readJsonl<Row>(path: string, schema: z.ZodType<Row>): Row[] {
  const fd = openJsonl(path);
  try {
    return [...readLines(fd, path)].map(({ text, number }) => parseJsonlRow(text, schema, path, number));
  } finally {
    closeSync(fd);
  }
}

export function parseJsonlRow<Row>(text: string, schema: z.ZodType<Row>, path: string, line: number): Row {
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
}

/** Threat: text in another encoding, whose letters would all become U+FFFD, and be learnt. */
export function decodeLine(bytes: Buffer, path: string, line: number): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new InputError(`${path}:${line}: not UTF-8 text: convert it first`, { cause });
  }
}

export function openJsonl(path: string): number {
  try {
    // Before opening: opening a named pipe would wait for ever.
    if (!statSync(path).isFile()) throw new Error("it is not a file");
    return openSync(path, "r");
  } catch (cause) {
    throw new InputError(`cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** The lines that are not blank, with their places in bytes. */
export function* readLines(fd: number, path: string): Generator<JsonlLine & { text: string }> {
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
      const text = decodeLine(bytes.subarray(skipped), path, number);
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
