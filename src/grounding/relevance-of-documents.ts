/**
 * How probable it is that each document is relevant, out of the token probabilities of the first step's greedy text.
 * Tokens come in as texts; how a model cuts text into them is not known here.
 */
import type { GeneratedToken, TokenLogprob } from "../spec/language-model.ts";
import { CLOSE, type Decisions, readDecisions } from "./read-decisions.ts";

/** An alternative at one token position, and what the text would have decided with it. */
interface Candidate extends Decisions {
  text: string;
  probability: number;
}

/** Probability gathered for one decision: where it is settled, and where only a set of possibilities is known. */
interface Evidence {
  options: number[];
  settled: Map<number, number>;
  narrowed: { open: number[]; probability: number }[];
}

/**
 * The text is a chain of decisions: the next id, or the end of the list. With q the model's distribution over one
 * decision, the relevance of document i is taken at the decision that passed it over or picked it:
 *
 *   r(i) = q(i) / (q(i) + sum of q(j) for j > i + q(end))
 *
 * which is P(i is relevant | what was decided about all documents before it), exactly: q(j < i) is ruled out by then.
 * A document may be picked with less than 1/2, where no single other decision was likelier.
 *
 * One id is spelled by one token, by several, or together with its neighbours, so probability is gathered along the
 * chosen tokens: an alternative that settles the decision adds (probability of the chosen tokens since the last
 * decision) x (its own). One that narrows the decision without settling it, say `,` where `]}` was chosen, is spread
 * over what it leaves open: in proportion to what is known of these, evenly where nothing is known. Possibilities
 * that a longer token from the same position leads to are not among them: a model spells these with that token.
 * What is not among the reported alternatives counts as 0.
 *
 * `ids` are ascending, `picked` is what the tokens spell. Where the tokens do not tell (a server that reports no
 * log-probabilities, or wraps the JSON in other text), the picked documents get 1 and the others 0.
 */
export function relevanceOfDocuments(
  tokens: readonly GeneratedToken[],
  ids: readonly number[],
  picked: readonly number[],
): Map<number, number> {
  const relevance = new Map(ids.map((id) => [id, picked.includes(id) ? 1 : 0]));
  let evidence = newEvidence(ids);
  let decided = 0;
  let carried = 1;
  let text = "";
  for (const token of tokens) {
    const chosen = candidate(text, token, ids);
    if (chosen === undefined) break;
    let others = alternatives(token).flatMap((other) => candidate(text, other, ids) ?? []);
    for (; chosen.made.length > decided; decided++) {
      const decision = chosen.made[decided]!;
      gather(evidence, [chosen, ...others], decided, carried);
      conclude(evidence, decision, relevance);
      evidence = newEvidence(ids.filter((id) => id > decision));
      carried = 1;
      others = others.filter((other) => other.made[decided] === decision);
      if (decision === CLOSE) return relevance;
    }
    gather(evidence, [chosen, ...others], decided, carried);
    carried *= chosen.probability;
    text += token.text;
  }
  return relevance;
}

function candidate(text: string, token: TokenLogprob, ids: readonly number[]): Candidate | undefined {
  const decisions = readDecisions(text + token.text, ids);
  return decisions && { ...decisions, text: token.text, probability: Math.exp(token.logprob) };
}

/** The reported tokens without the chosen one (not always among them) and without control tokens, which have no text. */
function alternatives(token: GeneratedToken): TokenLogprob[] {
  const own = token.top.findIndex((other) => other.text === token.text);
  return token.top.filter((other, index) => index !== own && other.text !== "");
}

function newEvidence(ids: readonly number[]): Evidence {
  return { options: [...ids, CLOSE], settled: new Map(), narrowed: [] };
}

/** `peers` are all tokens for one position, the chosen one first: its share is carried on unless it settles the decision. */
function gather(evidence: Evidence, peers: readonly Candidate[], decided: number, carried: number): void {
  for (const peer of peers) {
    const probability = carried * peer.probability;
    const decision = peer.made[decided];
    if (decision !== undefined)
      evidence.settled.set(decision, (evidence.settled.get(decision) ?? 0) + probability);
    else if (peer !== peers[0]) evidence.narrowed.push({ open: leftOpen(peer, peers, decided), probability });
  }
}

/** What is open after a token, without what a longer token from the same position leads to. */
function leftOpen({ open, text }: Candidate, peers: readonly Candidate[], decided: number): number[] {
  const longer = peers.filter((peer) => peer.text.length > text.length && peer.text.startsWith(text));
  const elsewhere = longer.flatMap((peer) => peer.made[decided] ?? peer.open);
  const left = open.filter((option) => !elsewhere.includes(option));
  return left.length > 0 ? left : open;
}

/** Writes the relevance of the documents that a decision passes over, and of the one that it picks. */
function conclude(evidence: Evidence, decision: number, relevance: Map<number, number>): void {
  const q = spread(evidence);
  for (const [index, id] of evidence.options.entries()) {
    if (id === CLOSE) return;
    const own = q.get(id) ?? 0;
    const all = sum(evidence.options.slice(index).map((option) => q.get(option) ?? 0));
    if (all > 0) relevance.set(id, own / all);
    if (id === decision) return;
  }
}

function spread({ settled, narrowed }: Evidence): Map<number, number> {
  const q = new Map(settled);
  for (const { open, probability } of narrowed) {
    const known = sum(open.map((option) => settled.get(option) ?? 0));
    for (const option of open) {
      const share = known > 0 ? (settled.get(option) ?? 0) / known : 1 / open.length;
      q.set(option, (q.get(option) ?? 0) + probability * share);
    }
  }
  return q;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
