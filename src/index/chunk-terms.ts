/** The terms that a chunk is found by, and those that a query looks for. */
import type { Chunk } from "../spec/document.ts";
import { visibleText } from "../util/visible-text.ts";
import { formsInIndex, indexTerms, joinedIndexTerms, terms } from "./terms.ts";

/** Threat: a pasted book is no query. */
const MAX_QUERY_TERMS = 96;

/** What a reader sees, with the title, so that a section is found by what it is about. */
export function chunkTerms(chunk: Chunk): string[] {
  return indexTerms(seenIn(chunk));
}

/** The same as one string, with spaces between. */
export function joinedChunkTerms(chunk: Chunk): string {
  return joinedIndexTerms(seenIn(chunk));
}

function seenIn({ title, text, format }: Chunk): string {
  const seen = format === "html" ? visibleText(text).text : text;
  return title === null ? seen : `${title}\n${seen}`;
}

/** Each once. */
export function queryTerms(query: string): string[] {
  return [...new Set(terms(query.slice(0, 20_000)).flatMap(formsInIndex))].slice(0, MAX_QUERY_TERMS);
}
