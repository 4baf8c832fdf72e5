/** A GBNF grammar and how far a text has come in it: which tokens may follow. */
import { InputError } from "../../../errors.ts";
import type { Candidates, Llama, Pointer } from "../llama.ts";

export class Grammar {
  readonly #llama: Llama;
  readonly #state: Pointer;
  readonly #one: Candidates;

  constructor(llama: Llama, state: Pointer, one: Candidates) {
    this.#llama = llama;
    this.#state = state;
    this.#one = one;
  }

  static start(llama: Llama, vocabulary: Pointer, gbnf: string): Grammar {
    // Which rule is at fault llama.cpp prints on stderr, past its own log.
    const state = llama.grammar(vocabulary, gbnf);
    if (!state) throw new InputError("the grammar is no valid GBNF: see the line of llama.cpp above");
    return new Grammar(llama, state, llama.newCandidates(1));
  }

  copy(): Grammar {
    return new Grammar(this.#llama, this.#llama.copySampler(this.#state), this.#one);
  }

  allows(token: number): boolean {
    const one = this.#one;
    one.ids[0] = token;
    one.floats[1] = 1;
    one.size = 1;
    this.#llama.apply(this.#state, one);
    return one.floats[1] !== Number.NEGATIVE_INFINITY;
  }

  /** Leaves the candidates that may follow. */
  restrict(candidates: Candidates): void {
    this.#llama.apply(this.#state, candidates);
    const { ids, floats } = candidates;
    let size = 0;
    for (let at = 0; at < 3 * candidates.size; at += 3) {
      if (floats[at + 1] === Number.NEGATIVE_INFINITY) continue;
      ids[3 * size] = ids[at]!;
      floats[3 * size + 1] = floats[at + 1]!;
      size++;
    }
    candidates.size = size;
  }

  accept(token: number): void {
    this.#llama.accept(this.#state, token);
  }

  dispose(): void {
    this.#llama.freeSampler(this.#state);
  }
}
