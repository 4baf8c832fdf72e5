/**
 * Support in, the probability that a document answers out; and the choice of documents from those
 * probabilities. The weights were fitted by logistic regression on the tuning half of XQuAD (Russian and
 * English together: `npm run bench -- quotes --fit`), three numbers in all, so that they carry over to other
 * text. A document's probability does not depend on the documents beside it.
 */
import type { Support } from "./support.ts";

/** Log-odds = bias + coverage * Support.coverage + best * Support.best. */
export interface RelevanceWeights {
  bias: number;
  coverage: number;
  best: number;
}

export const RELEVANCE_WEIGHTS: RelevanceWeights = { bias: -7.59, coverage: 6.7, best: 6.09 };

/** Below it a document is no answer. See `npm run bench -- quotes` for what each value refuses. */
export const RELEVANCE_THRESHOLD = 0.4;

/**
 * A further document must be nearly as likely as the best: its odds at most this many times lower. Documents on
 * one subject then come together, and a chance likeness does not join a clear answer.
 */
const ODDS_WITHIN = Math.exp(2);

/** As many as the models choose from; a thousand copies of one page are still one answer. */
const MAX_RELEVANT = 6;

export function relevanceOf(support: Support, weights: RelevanceWeights = RELEVANCE_WEIGHTS): number {
  const logOdds = weights.bias + weights.coverage * support.coverage + weights.best * support.best;
  return 1 / (1 + Math.exp(-logOdds));
}

/** Indexes of the relevant documents, most probable first; ties in the order given. */
export function selectByRelevance(probabilities: readonly number[], threshold: number): number[] {
  const best = probabilities.reduce((a, b) => Math.max(a, b), 0);
  const odds = (p: number) => p / (1 - p + Number.EPSILON);
  return [...probabilities.keys()]
    .filter((i) => probabilities[i]! >= threshold && odds(probabilities[i]!) * ODDS_WITHIN >= odds(best))
    .sort((a, b) => probabilities[b]! - probabilities[a]! || a - b)
    .slice(0, MAX_RELEVANT);
}
