/** The terms that a chunk is found by, and those that a query looks for. */
import type { Chunk } from "../spec/document.ts";
import { indexTerms } from "./terms.ts";

/** Threat: a pasted book is no query. */
const MAX_QUERY_TERMS = 96;

/** With the title, so that a section is found by what it is about. */
export function chunkTerms({ title, text }: Chunk): string[] {
  return indexTerms(title === null ? text : `${title}\n${text}`);
}

/** Each once. */
export function queryTerms(query: string): string[] {
  return [...new Set(indexTerms(query.slice(0, 20_000)))].slice(0, MAX_QUERY_TERMS);
}
