/**
 * Calls to models that are paid for once: what is recorded is not asked again, what failed is tried again by the next run,
 * and a budget of tokens ends a run before it is exceeded. Knows nothing of what is asked.
 */
import { createHash } from "node:crypto";
import { EXIT, VikhrError } from "../../errors.ts";
import { failureOf } from "./failure-of.ts";
import type { CallRecord, Journal } from "./journal.ts";

export interface Call {
  /** Tells it from all others of the run. */
  name: string;
  /** All that the answer depends on: model, prompt, temperature, seed. */
  input: unknown;
  /** Prompt and completion together at most, as far as one can tell before. */
  tokens: number;
}

/** What a call brings. `tokens` are 0 where a server does not count. */
export interface Answered<T> {
  value: T;
  tokens: number;
}

export interface Tally {
  /** Answered by this run, found answered, failed in this run. */
  done: number;
  known: number;
  failed: number;
  /** Of all answers in the journal. */
  tokens: number;
}

export interface Plan {
  /** To be made. */
  calls: number;
  /** Of them, those that failed before. */
  failedBefore: number;
  known: number;
  /** That they may take at most. */
  tokens: number;
}

/** Exit code 3: what is done is kept. */
export class BudgetSpentError extends VikhrError {
  constructor(budget: number, spent: number) {
    super(
      `the budget of ${budget} tokens does not allow the next call (${spent} are spent): what is done is kept, and the same command with a larger --budget-tokens goes on`,
      { exitCode: EXIT.partly },
    );
  }
}

export interface CallsOptions {
  /** Of all that the journal holds and will hold. Default: none. */
  budgetTokens?: number | undefined;
  signal: AbortSignal;
  onChange?: ((tally: Tally) => void) | undefined;
}

/** What is recorded: a journal, or what `readJournal` gives. */
export interface Records {
  get(name: string): CallRecord | undefined;
}

/** What is recorded of exactly this call, whether it was answered or failed. */
export function recordOf(records: Records, call: Call): CallRecord | undefined {
  const record = records.get(call.name);
  return record?.input === hashOf(call.input) ? record : undefined;
}

export function planOf(records: Records, calls: readonly Call[]): Plan {
  const plan = { calls: 0, failedBefore: 0, known: 0, tokens: 0 };
  for (const call of calls) {
    const record = recordOf(records, call);
    if (record && !record.failure) plan.known++;
    else {
      plan.calls++;
      plan.tokens += call.tokens;
      if (record) plan.failedBefore++;
    }
  }
  return plan;
}

export class Calls {
  readonly #journal: Journal;
  readonly #options: CallsOptions;
  readonly #underWay = new Set<Promise<unknown>>();
  #reserved = 0;
  #isEnding = false;
  readonly tally: Tally;

  constructor(journal: Journal, options: CallsOptions) {
    this.#journal = journal;
    this.#options = options;
    let tokens = 0;
    for (const record of journal.records()) tokens += record.tokens;
    this.tally = { done: 0, known: 0, failed: 0, tokens };
  }

  /**
   * The record of the call, made now unless there is one. A failure of the call alone is recorded and no error; throws
   * BudgetSpentError, the signal's reason, and what would end every call alike.
   */
  async make<T>(call: Call, ask: (signal: AbortSignal) => Promise<Answered<T>>): Promise<CallRecord<T>> {
    const known = recordOf(this.#journal, call);
    if (known && !known.failure) {
      this.tally.known++;
      this.#options.onChange?.(this.tally);
      return known as CallRecord<T>;
    }
    const { signal } = this.#options;
    // Between this and the reservation nothing may wait: another call would take the same room.
    while (!this.#fits(call.tokens)) await this.#oneEnds();
    signal.throwIfAborted();
    if (this.#isEnding) throw new VikhrError("the run ends: nothing more is asked");
    this.#reserved += call.tokens;
    const made = this.#ask(call, ask);
    this.#underWay.add(made);
    try {
      return await made;
    } finally {
      this.#underWay.delete(made);
      this.#reserved -= call.tokens;
      this.#options.onChange?.(this.tally);
    }
  }

  /** Waits for what is under way, which is paid for, and closes the journal. */
  async close(): Promise<void> {
    this.#isEnding = true;
    await Promise.allSettled(this.#underWay);
    await this.#journal.close();
  }

  #fits(tokens: number): boolean {
    const { budgetTokens = Number.POSITIVE_INFINITY } = this.#options;
    return this.tally.tokens + this.#reserved + tokens <= budgetTokens;
  }

  /** It may take less than was expected of it: only where none is under way, a budget is spent. */
  async #oneEnds(): Promise<void> {
    if (this.#underWay.size === 0) throw new BudgetSpentError(this.#options.budgetTokens!, this.tally.tokens);
    await Promise.race(this.#underWay).catch(() => undefined);
  }

  async #ask<T>(call: Call, ask: (signal: AbortSignal) => Promise<Answered<T>>): Promise<CallRecord<T>> {
    const { signal } = this.#options;
    const start = performance.now();
    const input = hashOf(call.input);
    const record = (facts: Pick<CallRecord<T>, "value" | "failure" | "tokens">): CallRecord<T> => {
      const seconds = Math.round(performance.now() - start) / 1000;
      const made = { name: call.name, input, ...facts, seconds, at: Date.now() / 1000 };
      this.#journal.append(made);
      this.tally.tokens += facts.tokens;
      return made;
    };
    try {
      const { value, tokens } = await ask(signal);
      signal.throwIfAborted();
      this.tally.done++;
      // A server that does not count is held to what was expected.
      return record({ value, tokens: tokens > 0 ? tokens : call.tokens });
    } catch (error) {
      signal.throwIfAborted();
      const kind = failureOf(error);
      if (!kind) throw error;
      this.tally.failed++;
      return record({ failure: { kind, message: (error as Error).message }, tokens: 0 });
    }
  }
}

function hashOf(input: unknown): string {
  return createHash("sha256").update(JSON.stringify(input)).digest("hex");
}
