/** A document's source (a path, an address) in, the name that it has for others out. */
import { createHash } from "node:crypto";

export function documentId(source: string): string {
  return `doc_${createHash("sha256").update(source).digest("hex").slice(0, 24)}`;
}
