/** An id or a source in, what the index remembers of that document out. What is not in the index cannot be named. */
import { NotFoundError } from "../errors.ts";
import type { ChunkIndex, IndexedSource } from "../index/chunk-index.ts";
import { documentId } from "../rag/document-id.ts";
import { printable } from "../util/printable.ts";

const DOCUMENT_ID = /^doc_[0-9a-f]{24}$/;

/** Throws NotFoundError. */
export async function findDocument(index: ChunkIndex, idOrSource: string): Promise<IndexedSource> {
  const isId = DOCUMENT_ID.test(idOrSource);
  for (const document of await index.documents())
    if (document.source === idOrSource || (isId && documentId(document.source) === idOrSource))
      return document;
  throw new NotFoundError(`there is no document ${printable(idOrSource)} in the collection`);
}
