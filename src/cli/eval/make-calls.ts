/** The calls of one journal: with a line of progress, until Ctrl-C; however it ends, what is under way is waited for. */
import { EXIT } from "../../errors.ts";
import { Calls, type Tally } from "../../evaluation/calls/calls.ts";
import { Journal } from "../../evaluation/calls/journal.ts";
import { tallyLine } from "../../evaluation/calls/tally-line.ts";
import { progressLine } from "../../util/progress-line.ts";
import { onInterrupt } from "../signals.ts";

export interface Ended {
  tally: Tally;
  isInterrupted: boolean;
  /** What ended the run before its end. */
  error?: unknown;
}

export interface MakeCallsOptions {
  /** A file; its folder must exist. */
  journal: string;
  budgetTokens: number | undefined;
  /** How many calls there will be, as far as is known by now. */
  total: () => number;
  work: (calls: Calls, journal: Journal) => Promise<void>;
}

export async function makeCalls({ budgetTokens, total, work, ...files }: MakeCallsOptions): Promise<Ended> {
  const interruption = onInterrupt(() => process.exit(EXIT.interrupted));
  const { signal } = interruption;
  const line = progressLine();
  const start = performance.now();
  const onChange = (tally: Tally) => line.show(tallyLine(tally, total(), (performance.now() - start) / 1000));
  try {
    const journal = await Journal.open(files.journal);
    const calls = new Calls(journal, { budgetTokens, signal, onChange });
    const { tally } = calls;
    try {
      await work(calls, journal);
      return { tally, isInterrupted: false };
    } catch (error) {
      return { tally, isInterrupted: signal.aborted, error };
    } finally {
      await calls.close();
    }
  } finally {
    line.clear();
    interruption.dispose();
  }
}
