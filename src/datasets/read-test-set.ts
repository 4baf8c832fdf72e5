/** A file in, a test set of grounded questions out. What the file is, is told by what is in it, not by its name. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { z } from "zod";
import { InputError } from "../errors.ts";
import { readTextFile } from "../util/read-text-file.ts";
import { groundedRagRow, RowFault } from "./grounded-rag-row.ts";
import { type GroundedTestRow, groundedTestRow } from "./grounded-test-row.ts";
import { parseJsonlRow, readJsonl } from "./read-jsonl.ts";
import { readParquet } from "./read-parquet.ts";
import { xquadRows } from "./xquad-rows.ts";

export interface TestSet {
  /** Their ids differ. */
  rows: GroundedTestRow[];
  format: "vikhr" | "xquad" | "grounded-rag";
  sha256: string;
}

/** Threat: a device, or a file that is something else. */
const MAX_BYTES = 1024 ** 3;
const PARQUET = Buffer.from("PAR1");

/** Throws InputError with the file, and the row where one is at fault. */
export async function readTestSet(path: string): Promise<TestSet> {
  const head = await headOf(path);
  const { rows, format } = await read(path, head);
  if (rows.length === 0) throw new InputError(`${path}: there are no questions in it`);
  const ids = new Set<string>();
  for (const { id } of rows) {
    if (ids.has(id)) throw new InputError(`${path}: two rows have the id ${JSON.stringify(id.slice(0, 80))}`);
    ids.add(id);
  }
  return { rows, format, sha256: await hashOf(path) };
}

async function read(path: string, head: Buffer): Promise<Pick<TestSet, "rows" | "format">> {
  if (head.subarray(0, PARQUET.length).equals(PARQUET))
    return { rows: dialogues(await readParquet(path), path), format: "grounded-rag" };
  const text = head.toString("utf8").replace(/^\ufeff/, "");
  // One value over the whole file, or one line of many that each are one.
  if (/^\s*\{\s*(?:"version"\s*:\s*"[^"]*"\s*,\s*)?"data"\s*:/.test(text))
    return { rows: xquadRows(parseWhole(path), path), format: "xquad" };
  if (/^\s*\{(?:[^\n]*[{,])?\s*"conversation"\s*:/.test(text))
    return { rows: dialogues(readJsonl(path, z.unknown()), path), format: "grounded-rag" };
  return { rows: readJsonl(path, groundedTestRow), format: "vikhr" };
}

/** Where ids repeat, the number of the row tells them apart. */
function dialogues(values: readonly unknown[], path: string): GroundedTestRow[] {
  const ids = new Set<string>();
  return values.map((value, at) => {
    try {
      const row = groundedRagRow(value, at + 1);
      const id = ids.has(row.id) ? `${row.id} (row ${at + 1})` : row.id;
      ids.add(id);
      return { ...row, id };
    } catch (error) {
      if (error instanceof RowFault)
        throw new InputError(`${path}: row ${at + 1}: ${error.message}`, { cause: error });
      throw error;
    }
  });
}

function parseWhole(path: string): unknown {
  return parseJsonlRow(readTextFile(path, { maxBytes: MAX_BYTES }), z.unknown(), path, 1);
}

/** Enough of the file to tell what it is. */
async function headOf(path: string): Promise<Buffer> {
  try {
    const facts = await stat(path);
    // Opening a named pipe would wait for ever.
    if (!facts.isFile()) throw new Error("it is not a file");
    if (facts.size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`);
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new InputError(`cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
