/** What is indexed in, its document as it can be read now out, and whether that is what was indexed. */
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { DocumentReader } from "../documents/document-reader.ts";
import { isAddress } from "../documents/fetch-page.ts";
import { InputError, NotFoundError } from "../errors.ts";
import type { IndexedSource } from "../index/chunk-index.ts";
import { readSource } from "../index/read-source.ts";
import type { Document } from "../spec/document.ts";

export interface ReadAgain {
  document: Document;
  /** The places of its chunks may be others now. */
  changed: boolean;
}

/** Throws NotFoundError where it cannot be read any more. */
export async function readAgain({ source, hash }: IndexedSource): Promise<ReadAgain> {
  checkPlace(source);
  const reader = new DocumentReader();
  try {
    const { bytes, ...options } = await readSource(source);
    const document = await reader.read(source, bytes, options);
    return { document, changed: createHash("sha256").update(bytes).digest("hex") !== hash };
  } catch (error) {
    if (!(error instanceof InputError) && !("syscall" in (error as Error))) throw error;
    throw new NotFoundError(`${source} cannot be read any more: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    reader.close();
  }
}

/** Threat: a link that took the place of the file, and leads to what nobody added. Throws NotFoundError. */
export function checkPlace(source: string): void {
  if (isAddress(source)) return;
  let place: string | undefined;
  try {
    place = realpathSync.native(source);
  } catch (cause) {
    throw new NotFoundError(`${source} is gone`, { cause });
  }
  if (place !== source) throw new NotFoundError(`${source} is another file now`);
}
