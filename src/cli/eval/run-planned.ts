/**
 * Works of an evaluation -> their outcomes: says what it will cost, asks the model, and saves what there is, however it ends.
 * kill -9 costs the calls under way, and nothing else.
 */
import { dirname } from "node:path";
import { EXIT, InputError } from "../../errors.ts";
import { type Ask, askModel } from "../../evaluation/calls/ask-model.ts";
import type { Plan, Tally } from "../../evaluation/calls/calls.ts";
import { countKinds } from "../../evaluation/calls/count-kinds.ts";
import { readJournal } from "../../evaluation/calls/journal.ts";
import { outcomesOf, planOfWorks, runWorks, type Work } from "../../evaluation/calls/work.ts";
import { formatCount } from "../../util/format-quantity.ts";
import { makeFolder } from "../../util/make-folder.ts";
import { terminalJson, terminalLine } from "../../util/terminal-text.ts";
import { openModel, sayLoaded } from "../open-model.ts";
import type { Settings } from "../settings.ts";
import { type Ended, makeCalls } from "./make-calls.ts";
import { patiently } from "./patiently.ts";

type Flags = Record<string, unknown>;

export interface PlannedRun<T> {
  works: readonly Work<T>[];
  /** The file of its journal. */
  journal: string;
  /** The model's name. */
  asked: string;
  settings: Settings;
  /** `--concurrency`, `--budget-tokens`, `--dry-run`, `--json`. */
  flags: Flags;
  /** Writes what is done (undefined: not yet), and gives what is to be said of it. */
  save(outcomes: (T | undefined)[]): Promise<Saved>;
}

export interface Saved {
  lines: readonly string[];
  json: Record<string, unknown>;
}

const CONCURRENCY = 8;

export async function runPlanned<T>(run: PlannedRun<T>): Promise<number> {
  const { works, journal, flags } = run;
  const concurrency = wholeFlag(flags, "concurrency") ?? CONCURRENCY;
  const budgetTokens = wholeFlag(flags, "budgetTokens");
  const { plan, names } = await planOfWorks(works, readJournal(journal));
  say(flags, describePlan(plan, run.asked));
  if (flags.dryRun) {
    if (flags.json) process.stdout.write(`${terminalJson({ plan })}\n`);
    return EXIT.ok;
  }
  const ended = plan.calls > 0 ? await make(run, names, { concurrency, budgetTokens }) : undefined;
  const after = readJournal(journal);
  const saved = await run.save(await outcomesOf(works, after));
  const failures = countKinds([...names].map((name) => after.get(name)?.failure?.kind));
  const tokens = [...after.values()].reduce((sum, record) => sum + record.tokens, 0);
  const tally = ended?.tally ?? { done: 0, known: plan.known, failed: 0, tokens };
  for (const line of [describeTally(tally), ...saved.lines]) say(flags, line);
  if (flags.json) process.stdout.write(`${terminalJson({ plan, ...tally, failures, ...saved.json })}\n`);
  if (ended?.isInterrupted) {
    process.stderr.write("vikhr: stopped; what is done is kept, and the same command goes on\n");
    return EXIT.interrupted;
  }
  if (ended?.error !== undefined) throw ended.error;
  if (tally.failed === 0) return EXIT.ok;
  const named = terminalLine(describeCounts(failures));
  process.stderr.write(`vikhr: ${tally.failed} calls failed (${named}): the same command asks them again\n`);
  return EXIT.partly;
}

/** `names` learns the calls that nobody could foresee. */
async function make(
  run: PlannedRun<unknown>,
  names: Set<string>,
  { concurrency, budgetTokens }: { concurrency: number; budgetTokens: number | undefined },
): Promise<Ended> {
  makeFolder(dirname(run.journal));
  // Ctrl-C while the model opens ends the program at once: nothing has begun.
  const model = await openModel(run.settings, run.flags.json ? undefined : sayLoaded);
  if (!model) throw new InputError("which model is to be asked? give --model, or --base-url with --model-id");
  const ask: Ask = ({ name, messages, options }, signal) => {
    names.add(name);
    return patiently(() => askModel(model, messages, { ...options, signal }), signal);
  };
  try {
    return await makeCalls({
      journal: run.journal,
      budgetTokens,
      total: () => names.size,
      work: (calls) => runWorks(run.works, calls, ask, concurrency),
    });
  } finally {
    await model.close();
  }
}

export function describePlan({ calls, known, failedBefore, tokens }: Plan, asked: string): string {
  const again = failedBefore > 0 ? `, ${failedBefore} of them failed before` : "";
  const cost = calls > 0 ? `: at most ${formatCount(tokens)} tokens` : "";
  return `plan: ${calls} calls to ${asked}${again}${cost}; ${known} are known`;
}

export function describeTally({ done, known, failed, tokens }: Tally): string {
  return `${done} answered, ${known} known, ${failed} failed; ${formatCount(tokens)} tokens in all`;
}

/** `no-label 3, endless 1`. */
export function describeCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}

/** For people: nothing with `--json`. */
export function say(flags: Flags, text: string): void {
  if (!flags.json) process.stdout.write(`${terminalLine(text)}\n`);
}

/** A flag's camelCase name -> its number, from 1. */
export function wholeFlag(flags: Flags, name: string): number | undefined {
  if (flags[name] === undefined) return undefined;
  const value = Number(flags[name]);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new InputError(`--${flag} is ${JSON.stringify(flags[name])} and must be a whole number from 1`);
}
