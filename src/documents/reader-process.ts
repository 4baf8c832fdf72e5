/**
 * The process that document-reader.ts reads PDF, DOCX and EPUB in: a file's bytes in, its document or what is wrong with
 * it out.
 */
import { InputError } from "../errors.ts";
import type { Document } from "../spec/document.ts";
import { readDocument } from "./read-document.ts";

export interface ToReader {
  source: string;
  bytes: Uint8Array;
  extension: string;
}

/** A fault of the file has a message, one of ours has a stack. */
export type FromReader = { document: Document } | { fault: string } | { stack: string };

// Ctrl-C reaches the whole group of processes; it is the parent that decides.
process.on("SIGINT", () => undefined);
process.on("disconnect", () => process.exit());
process.on("message", async ({ source, bytes, extension }: ToReader) => {
  // A view: a copy would double a large file.
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  process.send?.(await read(source, view, extension));
});

async function read(source: string, bytes: Buffer, extension: string): Promise<FromReader> {
  try {
    return { document: await readDocument(source, bytes, { extension }) };
  } catch (error) {
    const { message, stack } = error as Error;
    return error instanceof InputError ? { fault: message } : { stack: stack ?? message };
  }
}
