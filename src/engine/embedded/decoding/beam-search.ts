/**
 * Beam search as a job of the scheduler: of all continuations of the beams the likeliest are kept, step by step, each in
 * a sequence of its own that shares the cells of what it has in common with the others. Scores are those of Wu et al.
 * 2016 (GNMT) in the form that is usual today: the sum of the log-probabilities over length ** penalty.
 */
import { InputError, VikhrError } from "../../../errors.ts";
import type { AdapterScales } from "../adapters.ts";
import type { Candidates } from "../llama.ts";
import { fillCandidates } from "./candidates.ts";
import type { Grammar } from "./grammar.ts";
import type { Job, Lane, Output } from "./job.ts";
import { type IdLogprob, mostLikely, mostLikelyOf } from "./logprobs.ts";
import type { Sequences } from "./sequences.ts";

/** A grammar that leads nowhere: said by sampling, too. */
export const NO_TOKEN = "no token is left to choose from: the grammar allows none";

/** A grammar is asked for so many times the tokens that are wanted, one by one, before it is asked for all at once. */
const LIKELY = 8;

export interface BeamOptions {
  /** Beams kept at a time, and the most that are returned. */
  beams: number;
  /** Above 0, longer texts gain; 0 compares the sums. */
  lengthPenalty: number;
  /** True: ends with as many texts as beams. False: not while a beam is better than the worst of them. */
  earlyStopping: boolean;
  /** Tokens. */
  maxTokens: number;
}

export interface Hypothesis {
  /** Without a token that ends the turn, with one that completes a stop string. */
  tokens: number[];
  /** Of each of `tokens`, natural logarithm. */
  logprobs: number[];
  /** The sum, with that of the token that ended it. */
  logprob: number;
  score: number;
  /** The model ended it, or a stop string did; else the tokens were out. */
  isEnded: boolean;
}

type Text = Pick<Hypothesis, "tokens" | "logprobs" | "logprob">;

/** A text under way: what it has beyond the prompt, and where it is evaluated. */
interface Beam extends Text {
  lane: Lane;
  grammar: Grammar | undefined;
  /** Its continuations, once its last token is evaluated. */
  next: IdLogprob[] | undefined;
}

interface Continuation extends IdLogprob {
  beam: Beam;
  total: number;
}

export interface BeamSearchParts {
  prompt: readonly number[];
  options: BeamOptions;
  grammar: Grammar | undefined;
  /** Of the size of the vocabulary. Shared with others: they are asked one after another. */
  candidates: Candidates;
  signal: AbortSignal;
  adapters?: AdapterScales | undefined;
  endsGeneration(token: number): boolean;
  /** After these tokens, this one completes a stop string. */
  completesStop(tokens: readonly number[], next: number): boolean;
  /** Called with the tokens that every text shares which can still win. */
  onSettled(tokens: readonly number[], logprobs: readonly number[]): void;
  /** An error where the logits are not finite. */
  check(logits: Float32Array): number;
}

export class BeamSearch implements Job {
  readonly signal: AbortSignal;
  readonly adapters: AdapterScales | undefined;
  readonly width: number;
  reused = 0;
  /** Best first, once the search is over. */
  finished: Hypothesis[] = [];
  /** It came to its end by itself: it was neither aborted nor did it fail. */
  isOver = false;
  end: (error?: unknown) => void = () => {};
  readonly #parts: BeamSearchParts;
  #beams: Beam[];
  #settled = 0;
  /** What it threw itself. */
  #fault: unknown;

  constructor(parts: BeamSearchParts) {
    this.#parts = parts;
    this.signal = parts.signal;
    this.adapters = parts.adapters;
    this.width = parts.options.beams;
    const lane = { tokens: [...parts.prompt], outputsFrom: parts.prompt.length - 1, sequence: undefined };
    const { grammar } = parts;
    this.#beams = [{ lane, tokens: [], logprobs: [], logprob: 0, grammar, next: undefined }];
  }

  get lanes(): Lane[] {
    return this.#beams.map(({ lane }) => lane);
  }

  advance(outputs: readonly Output[], sequences: Sequences): boolean {
    try {
      this.#advance(outputs, sequences);
    } catch (error) {
      this.#fault = error;
      throw error;
    }
    return this.isOver;
  }

  /**
   * Where the scheduler has no cells for all that is under way, the tokens are out: true, and what there is is `finished`.
   * False where the error is another one, or nothing is there yet.
   */
  endForWantOfRoom(error: unknown): boolean {
    const isForRoom = error instanceof InputError && error !== this.#fault;
    if (!isForRoom || !this.#beams[0]?.tokens.length) return false;
    this.#finishAll();
    this.#tellSettled(true);
    this.isOver = true;
    return true;
  }

  dispose(): void {
    for (const { grammar } of this.#beams) grammar?.dispose();
  }

  #advance(outputs: readonly Output[], sequences: Sequences): void {
    for (const { lane, values } of outputs) {
      const beam = this.#beams.find((one) => one.lane === lane)!;
      beam.next = this.#continuations(beam, values);
    }
    if (this.#beams.some(({ next }) => next === undefined)) return;
    this.#step(sequences);
    const isDone = this.#beams.length === 0 || this.#isDecided();
    if (isDone && this.finished.length === 0) throw new VikhrError(NO_TOKEN);
    this.#tellSettled(isDone);
    this.isOver = isDone;
  }

  /** Twice as many as beams: though all that end are taken away, enough are left. */
  #continuations({ grammar }: Beam, logits: Float32Array): IdLogprob[] {
    const total = this.#parts.check(logits);
    const wanted = 2 * this.#parts.options.beams;
    if (!grammar) return mostLikely(logits, wanted, total);
    const allowed: IdLogprob[] = [];
    for (const one of mostLikely(logits, LIKELY * wanted, total)) {
      if (grammar.allows(one.id)) allowed.push(one);
      if (allowed.length === wanted) return allowed;
    }
    // To ask for each token of a large vocabulary takes seconds, to ask for all at once milliseconds.
    const { candidates } = this.#parts;
    fillCandidates(candidates, logits, Number.NEGATIVE_INFINITY);
    grammar.restrict(candidates);
    return mostLikelyOf(candidates, wanted, total);
  }

  #step(sequences: Sequences): void {
    const { options, endsGeneration, completesStop } = this.#parts;
    const best = this.#beams
      // No spread: what V8 makes of one takes a microsecond.
      .flatMap((beam) =>
        beam.next!.map(({ id, logprob }) => ({ id, logprob, beam, total: beam.logprob + logprob })),
      )
      .sort((a, b) => b.total - a.total)
      .slice(0, 2 * options.beams);
    const kept: Continuation[] = [];
    for (const [rank, one] of best.entries()) {
      const { beam, id } = one;
      const isTurnEnd = endsGeneration(id);
      if (!isTurnEnd && !completesStop(beam.tokens, id)) kept.push(one);
      // One that ends far down would not have been kept as a beam.
      else if (rank < options.beams)
        this.#finish(isTurnEnd ? { ...beam, logprob: one.total } : longer(one), beam.tokens.length + 1, true);
    }
    this.#continue(kept.slice(0, options.beams), sequences);
    if (this.#beams[0]?.tokens.length === options.maxTokens) {
      this.#finishAll();
      this.#release(this.#beams.splice(0), sequences);
    }
  }

  /** A beam's first continuation goes on in its sequence, further ones in copies; beams without one are given up. */
  #continue(kept: readonly Continuation[], sequences: Sequences): void {
    const parents = new Set(kept.map(({ beam }) => beam));
    this.#release(
      this.#beams.filter((beam) => !parents.has(beam)),
      sequences,
    );
    const seen = new Set<Beam>();
    // Copies are made before the tokens that tell them apart are added.
    const copies = kept.map(({ beam }) => {
      const isFirst = !seen.has(beam);
      seen.add(beam);
      return isFirst
        ? undefined
        : { sequence: sequences.fork(beam.lane.sequence!), grammar: beam.grammar?.copy() };
    });
    this.#beams = kept.map((one, i) => {
      const { beam, id } = one;
      const copy = copies[i];
      const grammar = copy ? copy.grammar : beam.grammar;
      grammar?.accept(id);
      const lane = {
        tokens: [...beam.lane.tokens, id],
        outputsFrom: beam.lane.tokens.length,
        sequence: copy ? copy.sequence : beam.lane.sequence,
      };
      return { lane, ...longer(one), grammar, next: undefined };
    });
  }

  /** Nobody will ask for what they hold, and cells that are in use cost time in every step. */
  #release(beams: readonly Beam[], sequences: Sequences): void {
    for (const { lane, grammar } of beams) {
      if (lane.sequence) sequences.forget(lane.sequence);
      if (lane.sequence) sequences.release(lane.sequence);
      lane.sequence = undefined;
      grammar?.dispose();
    }
  }

  /** Of all that is under way, the tokens are out. */
  #finishAll(): void {
    for (const beam of this.#beams) this.#finish(beam, beam.tokens.length, false);
  }

  /** `length`: with the token that ended it. */
  #finish({ tokens, logprobs, logprob }: Text, length: number, isEnded: boolean): void {
    this.finished.push({ tokens, logprobs, logprob, score: this.#score(logprob, length), isEnded });
    this.finished.sort((a, b) => b.score - a.score);
    this.finished.length = Math.min(this.finished.length, this.#parts.options.beams);
  }

  #score(logprob: number, length: number): number {
    return logprob / Math.max(1, length) ** this.#parts.options.lengthPenalty;
  }

  /**
   * A beam's score is that of its length so far, as it is usual: with a penalty above 0 it could still rise. A bound on what it
   * may reach with all tokens would let no search end before these are out.
   */
  #isDecided(): boolean {
    const { beams, earlyStopping } = this.#parts.options;
    if (this.finished.length < beams) return false;
    if (earlyStopping) return true;
    const best = Math.max(...this.#beams.map(({ logprob, tokens }) => this.#score(logprob, tokens.length)));
    return best <= this.finished.at(-1)!.score;
  }

  /** Passes on what is new of the common beginning. */
  #tellSettled(isDone: boolean): void {
    const texts = isDone ? this.finished.slice(0, 1) : [...this.#beams, ...this.finished];
    const [first, ...others] = texts;
    if (!first) return;
    let shared = first.tokens.length;
    for (const { tokens } of others) {
      let length = this.#settled;
      while (length < shared && tokens[length] === first.tokens[length]) length++;
      shared = length;
    }
    const from = this.#settled;
    if (shared <= from) return;
    this.#settled = shared;
    this.#parts.onSettled(first.tokens.slice(from, shared), first.logprobs.slice(from, shared));
  }
}

function longer({ beam, id, logprob, total }: Continuation): Text {
  return { tokens: [...beam.tokens, id], logprobs: [...beam.logprobs, logprob], logprob: total };
}
