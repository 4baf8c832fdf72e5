/**
 * One of several servers: whether it is well, and how much it has to do. It is asked now and then; one that fails is
 * left out, and asked again after growing pauses, until it answers.
 */
import type { LanguageModel } from "../../spec/language-model.ts";
import { TransientError } from "../retrying.ts";
import type { Candidate } from "./choose-member.ts";

export interface BackEnd {
  /** Its address. */
  name: string;
  /** Asks it what it is: cheap, since this is the check of its health as well. */
  open: (signal: AbortSignal) => Promise<LanguageModel>;
}

/** Told when a member is left out, with what went wrong, and when it is back, without. */
export type OnChange = (name: string, failure: unknown) => void;

/** All in milliseconds. Of one that is well: what hangs without a word is found so. */
const CHECK_EVERY = 10_000;
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60_000;

export class Member implements Candidate {
  readonly name: string;
  load = 0;
  lastChosen = 0;
  readonly #open: BackEnd["open"];
  readonly #onChange: OnChange;
  readonly #closing = new AbortController();
  #model: LanguageModel | undefined;
  /** What it failed by; undefined where it is well. */
  #failure: unknown = new Error("not asked yet");
  /** In a row: an answer to a check is none, only one to a request. */
  #failures = 0;
  /** That it is left out. */
  #isSaid = false;
  #checking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor({ name, open }: BackEnd, onChange: OnChange) {
    this.name = name;
    this.#open = open;
    this.#onChange = onChange;
  }

  /** Of all that was asked so far, well or not. */
  get model(): LanguageModel | undefined {
    return this.#model;
  }

  get isWell(): boolean {
    return this.#failure === undefined;
  }

  get failure(): unknown {
    return this.#failure;
  }

  /** A request failed by it: it is left out. Of many that fail at once the first counts. */
  failed(error: unknown): void {
    if (this.isWell) this.#leaveOut(error);
  }

  /** A request got an answer. */
  served(): void {
    this.#failures = 0;
  }

  /** Finds out whether it is well; one check at a time, for all who wait. Throws nothing. */
  check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await this.#checking;
    await this.#model?.close();
  }

  async #check(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      await this.#take(await this.#open(this.#closing.signal));
      this.#failure = undefined;
      this.#later(CHECK_EVERY);
      if (this.#isSaid) this.#onChange(this.name, undefined);
      this.#isSaid = false;
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#leaveOut(error);
    }
  }

  /** It may be another since: other settings, another kind of server. Not where requests are under way there. */
  async #take(model: LanguageModel): Promise<void> {
    const [kept, left] = this.#model && this.load > 0 ? [this.#model, model] : [model, this.#model];
    this.#model = kept;
    await left?.close();
  }

  #leaveOut(error: unknown): void {
    this.#failure = error;
    if (!this.#isSaid) this.#onChange(this.name, error);
    this.#isSaid = true;
    const grown = Math.min(FIRST_PAUSE * 2 ** this.#failures, LONGEST_PAUSE);
    this.#failures++;
    const asked = error instanceof TransientError ? (error.retryAfter ?? 0) : 0;
    // Half of it at random, so that many do not come back at once.
    this.#later(Math.min(Math.max(grown * (0.5 + Math.random() / 2), asked), LONGEST_PAUSE));
  }

  /** No reason for the process to stay. */
  #later(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (this.#closing.signal.aborted) return;
    this.#timer = setTimeout(() => void this.check(), milliseconds).unref();
  }
}
