/** Logits of one position in, natural-log probabilities of the model's own distribution out. */
import type { Candidates } from "../llama.ts";

export interface IdLogprob {
  id: number;
  logprob: number;
}

/** ln of the sum of exp(logit); not finite where a logit is not. */
export function logOfSum(logits: Float32Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) if (logits[i]! > largest) largest = logits[i]!;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - largest);
  return largest + Math.log(sum);
}

/** Which token; of equals the first one. */
export function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id = nextAbove(logits, id, logits[best]!))
    if (logits[id]! > logits[best]!) best = id;
  return best;
}

/** What is not finite stays so in a sum, which takes a fifteenth of the time of `logOfSum`. */
export function areFinite(logits: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += logits[i]!;
  return Number.isFinite(sum);
}

/** Where from `from` on the next one above `least` is; a higher one is rare, and four compared at a time take half the time. */
function nextAbove(logits: Float32Array, from: number, least: number): number {
  let id = from;
  for (; id + 4 <= logits.length; id += 4) {
    const isHigher =
      logits[id]! > least || logits[id + 1]! > least || logits[id + 2]! > least || logits[id + 3]! > least;
    if (isHigher) break;
  }
  while (id < logits.length && !(logits[id]! > least)) id++;
  return id;
}

/** The `count` most likely tokens, most likely first; of equals the one of the lower id. For small counts. */
export function mostLikely(logits: Float32Array, count: number, total = logOfSum(logits)): IdLogprob[] {
  const top: IdLogprob[] = [];
  if (count === 0) return top;
  let least = Number.NEGATIVE_INFINITY;
  for (let id = nextAbove(logits, 0, least); id < logits.length; id = nextAbove(logits, id + 1, least)) {
    insert(top, count, { id, logprob: logits[id]! - total });
    if (top.length === count) least = logits[top[count - 1]!.id]!;
  }
  return top;
}

/** The same of candidates, which come by their ids. */
export function mostLikelyOf({ ids, floats, size }: Candidates, count: number, total: number): IdLogprob[] {
  const top: IdLogprob[] = [];
  if (count === 0) return top;
  for (let at = 0; at < 3 * size; at += 3) {
    const logprob = floats[at + 1]! - total;
    if (top.length < count || logprob > top[count - 1]!.logprob)
      insert(top, count, { id: ids[at]!, logprob });
  }
  return top;
}

function insert(top: IdLogprob[], count: number, one: IdLogprob): void {
  let at = top.length;
  while (at > 0 && top[at - 1]!.logprob < one.logprob) at--;
  top.splice(at, 0, one);
  if (top.length > count) top.pop();
}
