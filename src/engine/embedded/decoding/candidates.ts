/** Logits of one position in, what llama.cpp's samplers and grammars look at out. */
import type { Candidates } from "../llama.ts";

/** The tokens with logits from `least` on, by their ids. */
export function fillCandidates(candidates: Candidates, logits: Float32Array, least: number): void {
  const { ids, floats } = candidates;
  let at = 0;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (!(logit >= least)) continue;
    ids[at] = id;
    floats[at + 1] = logit;
    at += 3;
  }
  candidates.size = at / 3;
}
