/** The terms that a chunk is found by, and those that a query looks for. */
import type { Chunk } from "../spec/document.ts";
import { visibleText } from "../util/visible-text.ts";
import { backgroundIdf } from "./background-idf.ts";
import { latinSpellings } from "./latin-spellings.ts";
import { formsInIndex, indexTerms, joinedIndexTerms, type Term, terms } from "./terms.ts";

/** Threat: a pasted book is no query. */
const MAX_QUERY_TERMS = 96;

/** Latin spellings that are looked for beside them, in all; fewer of a word seldom have the one that is meant. */
const MAX_SPELLINGS = 96;
const FEWEST_SPELLINGS = 24;

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

/** Each once: the words and their stems, other forms, and how borrowed words may be spelled in Latin letters. */
export function queryTerms(query: string): string[] {
  const words = terms(query.slice(0, 20_000));
  const own = words.flatMap(({ word, stem }) => [word, `~${stem}`]);
  const found = [...new Set([...own, ...words.flatMap(formsInIndex)])].slice(0, MAX_QUERY_TERMS);
  return [...new Set([...found, ...spellingsOf(words)])];
}

/** The rarest words are the likeliest to be borrowed. */
function spellingsOf(words: readonly Term[]): string[] {
  const once = [...new Map(words.map((word) => [word.stem, word])).values()];
  const borrowed = once
    .sort((a, b) => backgroundIdf(b.stem) - backgroundIdf(a.stem))
    .flatMap((word) => latinSpellings(word) ?? [])
    .slice(0, MAX_SPELLINGS / FEWEST_SPELLINGS);
  const each = Math.floor(MAX_SPELLINGS / Math.max(2, borrowed.length));
  return borrowed.flatMap((spellings) => spellings.likelyStems(each)).map((stem) => `~${stem}`);
}
