/**
 * Candidates that were read in, best first; out, the same, where those that do not read as an answer stand higher the more
 * they are like the first two. Texts that answer one question are like one another (the cluster hypothesis: van Rijsbergen
 * 1979, chapter 3), so that what shares no word with the question is found by what it shares with those that do.
 */
import { backgroundIdf } from "../index/background-idf.ts";
import { reciprocalRankFusion } from "./reciprocal-rank-fusion.ts";
import type { IndexedDocument } from "./relevance/support.ts";

export interface ReadCandidate {
  document: IndexedDocument;
  /** The probability that it answers. */
  relevance: number;
}

/** Texts that the others are compared with. Chosen on XQuAD (`npm run bench -- retrieval-quality`), as all of these. */
const LEADERS = 2;

/** From this probability on a text keeps its place; far below that of an answer. */
const READS_AS_ANSWER = 0.02;

/** Of the fusion: the first places count for more than where whole rankings are fused; and likeness counts twice. */
const K = 3;

/** What a stem in two passages of fifteen has. What is more frequent tells nothing of the subject. */
const LEAST_IDF = 2;

export function rankByLikeness<T extends ReadCandidate>(ranked: readonly T[]): T[] {
  const keepsPlace = (one: T, i: number) => i === 0 || one.relevance >= READS_AS_ANSWER;
  if (ranked.every(keepsPlace)) return [...ranked];
  const directions = ranked.map(directionOf);
  const leaders = directions.slice(0, LEADERS);
  const likeness = new Map(ranked.map((one, i) => [one, likenessTo(leaders, directions[i]!)]));
  const byLikeness = [...ranked].sort((a, b) => likeness.get(b)! - likeness.get(a)!);
  const kept = new Set(ranked.filter(keepsPlace));
  const others = reciprocalRankFusion([ranked, byLikeness, byLikeness], K)
    .map(({ item }) => item)
    .filter((one) => !kept.has(one));
  return ranked.map((one) => (kept.has(one) ? one : others.shift()!));
}

/** Cosine to the leader that is most alike, in [0, 1]. */
function likenessTo(leaders: readonly Direction[], direction: Direction): number {
  return Math.max(...leaders.map((leader) => cosine(leader, direction)));
}

/** Of a text: its stems, with weights whose squares sum to `square`. */
interface Direction {
  weights: ReadonlyMap<string, number>;
  square: number;
}

/** Stems by the logarithm of their number, and by how much they tell. */
function directionOf({ document }: ReadCandidate): Direction {
  const weights = new Map<string, number>();
  for (const { terms } of document.sentences)
    for (const { stem } of terms) weights.set(stem, (weights.get(stem) ?? 0) + 1);
  let square = 0;
  for (const [stem, count] of weights) {
    const weight = (1 + Math.log(count)) * Math.max(0, backgroundIdf(stem) - LEAST_IDF);
    weights.set(stem, weight);
    square += weight ** 2;
  }
  return { weights, square };
}

function cosine(a: Direction, b: Direction): number {
  let product = 0;
  for (const [stem, weight] of a.weights) product += weight * (b.weights.get(stem) ?? 0);
  return product === 0 ? 0 : product / Math.sqrt(a.square * b.square);
}
