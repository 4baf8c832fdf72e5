/**
 * Candidates in, the first of each set of copies out. Whether two texts are copies is told by their words, which are
 * looked up for the few texts only whose signatures are alike.
 */
import type { ScoredChunk } from "../index/chunk-index.ts";
import { terms } from "../index/terms.ts";

/** Texts that share this much of their words are copies of one another. */
const COPY = 0.9;

/** Bits of a signature, in units of 32. */
const UNITS = 32;

/** Of a text: the bits are those that its words, each of one bit, set. */
interface Signed {
  candidate: ScoredChunk;
  /** Of its words, each as often as it stands there. */
  count: number;
  bits: Int32Array;
  words?: ReadonlySet<string>;
}

/** Of copies the first stays, which the index ranks highest. */
export function withoutCopies(candidates: readonly ScoredChunk[]): ScoredChunk[] {
  const kept: Signed[] = [];
  for (const candidate of candidates) {
    const one = sign(candidate);
    if (!kept.some((other) => mayBeCopies(one, other) && areCopies(one, other))) kept.push(one);
  }
  return kept.map(({ candidate }) => candidate);
}

function sign(candidate: ScoredChunk): Signed {
  const found = terms(candidate.chunk.text);
  const bits = new Int32Array(UNITS);
  for (const { hash } of found) bits[(hash >>> 22) % UNITS]! |= 1 << (hash >>> 27);
  return { candidate, count: found.length, bits };
}

/**
 * Never false for copies. Let two texts have a and b different words, of which d are in one text only. The union has
 * (a + b + d) / 2, so that they are copies where d <= (1 - COPY) (a + b + d) / 2, that is
 * d <= (a + b) (1 - COPY) / (1 + COPY). A bit that is set in one signature only comes from a word that is in one text
 * only, so that there are at most d of them; and there are at least as many terms as different words.
 */
function mayBeCopies(one: Signed, other: Signed): boolean {
  // One more for rounding.
  const most = ((one.count + other.count) * (1 - COPY)) / (1 + COPY) + 1;
  let apart = 0;
  for (let i = 0; i < UNITS && apart <= most; i++) apart += countBits(one.bits[i]! ^ other.bits[i]!);
  return apart <= most;
}

/** Of 32 (Warren 2012, figure 5-2). */
function countBits(bits: number): number {
  const pairs = bits - ((bits >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** By Jaccard's index: shared words of all words. Two texts without words are copies. */
function areCopies(one: Signed, other: Signed): boolean {
  const [a, b] = [wordsOf(one), wordsOf(other)];
  let shared = 0;
  for (const word of a) if (b.has(word)) shared++;
  return !(shared / (a.size + b.size - shared) < COPY);
}

function wordsOf(signed: Signed): ReadonlySet<string> {
  signed.words ??= new Set(terms(signed.candidate.chunk.text).map(({ word }) => word));
  return signed.words;
}
