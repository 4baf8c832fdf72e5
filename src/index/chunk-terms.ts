/** The terms that a chunk is found by, and those that a query looks for. */
import type { Chunk } from "../spec/document.ts";
import { visibleText } from "../util/visible-text.ts";
import { likelySpellings } from "./latin-spellings.ts";
import { formsInIndex, indexTerms, joinedIndexTerms, stem, terms } from "./terms.ts";

/** Threat: a pasted book is no query. */
const MAX_QUERY_TERMS = 96;

/** Of one word. */
const MAX_SPELLINGS = 24;

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

/** Each once: the forms of every word first, then how those in Cyrillic letters may be spelled in Latin ones. */
export function queryTerms(query: string): string[] {
  const words = terms(query.slice(0, 20_000));
  const forms = [...new Set(words.flatMap(formsInIndex))].slice(0, MAX_QUERY_TERMS);
  const left = Math.min(MAX_SPELLINGS, Math.floor((MAX_QUERY_TERMS - forms.length) / words.length));
  if (left === 0) return forms;
  const spellings = words.flatMap((word) => likelySpellings(word, left)).map((word) => `~${stem(word)}`);
  return [...new Set([...forms, ...spellings])];
}
