/**
 * Documents from outside, as the protocol spells them (`[{doc_id, title, content}]`), checked and typed. Every
 * fault is one line that names the document and the field. Files and their formats are not known here.
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import type { GroundingDocument } from "../spec/document.ts";
import { MAX_DOCUMENT_CHARACTERS } from "../spec/grounding.ts";

const rows = z.array(
  z.object({
    doc_id: z.int().nonnegative(),
    title: z.string().nullish(),
    content: z.string(),
  }),
);

/** Unknown fields are passed over; a missing title is null. */
export function parseDocuments(json: unknown): GroundingDocument[] {
  const parsed = rows.safeParse(json);
  if (!parsed.success) throw malformed(parsed.error.issues[0]!);
  const documents = parsed.data.map((row) => ({
    docId: row.doc_id,
    title: row.title ?? null,
    content: row.content,
  }));
  checkDocuments(documents);
  return documents;
}

/** What a type cannot say: at least one document, ids that differ, texts that fit. */
export function checkDocuments(documents: readonly GroundingDocument[]): void {
  if (documents.length === 0) throw new InputError("there are no documents: give at least one");
  const places = new Map<number, number>();
  documents.forEach(({ docId, title, content }, index) => {
    if (!Number.isSafeInteger(docId) || docId < 0)
      throw new InputError(`documents[${index}].doc_id is ${docId}: it must be a whole number from 0`);
    const earlier = places.get(docId);
    if (earlier !== undefined)
      throw new InputError(
        `documents[${index}].doc_id is ${docId}, which documents[${earlier}] has already: give every document its own`,
      );
    places.set(docId, index);
    checkLength(`documents[${index}].title`, title ?? "", "shorten it");
    checkLength(`documents[${index}].content`, content, "split it into chunks, each a document of its own");
  });
}

function checkLength(field: string, text: string, advice: string): void {
  if (text.length > MAX_DOCUMENT_CHARACTERS)
    throw new InputError(
      `${field} has ${text.length} characters and at most ${MAX_DOCUMENT_CHARACTERS} fit: ${advice}`,
    );
}

function malformed(issue: z.core.$ZodIssue): InputError {
  const field = issue.path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  const wanted = { doc_id: "a whole number from 0", title: "a string or null", content: "a string" };
  const name = issue.path.at(1);
  if (issue.path.length === 0)
    return new InputError("documents must be an array of {doc_id, title, content}");
  if (typeof name === "string" && name in wanted)
    return new InputError(`documents${field} must be ${wanted[name as keyof typeof wanted]}`);
  return new InputError(`documents${field} must be an object {doc_id, title, content}`);
}
