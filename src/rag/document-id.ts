/** The id of a document of a collection: tells it from others, fits an address, and shows nothing of its path. */
import { createHash } from "node:crypto";

/** "doc_" and 24 hexadecimal digits of SHA-256 of the source. */
export function documentId(source: string): string {
  return `doc_${createHash("sha256").update(source).digest("hex").slice(0, 24)}`;
}

export const DOCUMENT_ID = /^doc_[0-9a-f]{24}$/;
