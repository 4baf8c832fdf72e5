/**
 * Support in, the probability that a document answers out; and the choice of documents from those
 * probabilities. The weights were fitted by logistic regression on the tuning half of XQuAD (Russian and
 * English together: `npm run bench -- quotes --fit`), four numbers in all, so that they carry over to other
 * text. A document's probability does not depend on the documents beside it; what quotes of a corpus make of it does.
 */
import type { Support } from "./support.ts";

/** Of the log-odds: the bias, and the factors of what `Support` names alike. */
export interface RelevanceWeights {
  bias: number;
  coverage: number;
  evidence: number;
  best: number;
}

const RELEVANCE_WEIGHTS: RelevanceWeights = {
  bias: -7.885,
  coverage: 4.329,
  evidence: 0.147,
  best: 5.351,
};

/** Below it a document is no answer. See `npm run bench -- quotes` for what each value refuses. */
export const RELEVANCE_THRESHOLD = 0.3;

/**
 * A further document must be likely by itself, and nearly as likely as the best: its odds at most this many times
 * lower. Documents on one subject then come together, and a chance likeness does not join a clear answer.
 */
const FURTHER_THRESHOLD = 0.5;
const ODDS_WITHIN = Math.exp(2);

/** As many as the models choose from; a thousand copies of one page are still one answer. */
export const MAX_RELEVANT = 6;

export function relevanceOf(support: Support, weights: RelevanceWeights = RELEVANCE_WEIGHTS): number {
  const logOdds =
    weights.bias +
    weights.coverage * support.coverage +
    weights.evidence * support.evidence +
    weights.best * support.best;
  return 1 / (1 + Math.exp(-logOdds));
}

/** Of a probability; finite for 1, too. */
export const odds = (probability: number) => probability / (1 - probability + Number.EPSILON);

/** Indexes of the relevant documents, most probable first; ties in the order given. */
export function selectByRelevance(probabilities: readonly number[], threshold: number): number[] {
  const ranked = [...probabilities.keys()]
    .filter((i) => probabilities[i]! >= threshold)
    .sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);
  return ranked
    .filter(
      (i, rank) =>
        rank === 0 ||
        (probabilities[i]! >= FURTHER_THRESHOLD &&
          odds(probabilities[i]!) * ODDS_WITHIN >= odds(probabilities[ranked[0]!]!)),
    )
    .slice(0, MAX_RELEVANT);
}
