/**
 * Work that is made of prompts, each of which may depend on the answers before it. What is asked is written down once, and
 * serves three times: to plan (which calls come next), to run, and to read the outcome from the journal alone.
 */
import { mapConcurrently } from "../../util/map-concurrently.ts";
import type { Ask, ChatCall, Completion } from "./ask-model.ts";
import { type Calls, type Plan, planOf, type Records, recordOf } from "./calls.ts";
import type { CallRecord } from "./journal.ts";

type Recorded = CallRecord<Completion> | undefined;

/** Gives undefined where an answer that it needs is not there. */
export type Work<T> = (ask: (call: ChatCall) => Recorded | Promise<Recorded>) => Promise<T | undefined>;

export interface WorksPlan {
  plan: Plan;
  /** Of the calls that can be told already: those recorded, and those that come next. */
  names: Set<string>;
}

export async function planOfWorks(works: readonly Work<unknown>[], records: Records): Promise<WorksPlan> {
  const plan: Plan = { calls: 0, failedBefore: 0, known: 0, tokens: 0 };
  const names = new Set<string>();
  for (const work of works)
    await work((call) => {
      names.add(call.name);
      const own = planOf(records, [call]);
      for (const key of Object.keys(plan) as (keyof Plan)[]) plan[key] += own[key];
      return recorded(records, call);
    });
  return { plan, names };
}

export async function runWorks(
  works: readonly Work<unknown>[],
  calls: Calls,
  ask: Ask,
  concurrency: number,
): Promise<void> {
  const make = (call: ChatCall) => calls.make(call, (signal) => ask(call, signal));
  await mapConcurrently(works, (work) => work(make), { limit: concurrency });
}

/** In the order of the works; undefined: not done yet. */
export async function outcomesOf<T>(works: readonly Work<T>[], records: Records): Promise<(T | undefined)[]> {
  const outcomes: (T | undefined)[] = [];
  for (const work of works) outcomes.push(await work((call) => recorded(records, call)));
  return outcomes;
}

/** Only calls of this kind are asked for by works. */
function recorded(records: Records, call: ChatCall): Recorded {
  return recordOf(records, call) as Recorded;
}
