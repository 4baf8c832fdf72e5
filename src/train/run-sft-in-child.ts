/** A fine-tuning run in a process of its own: settings in, reports out, and how it ended in one word or one line. */
import { EXIT, InputError, VikhrError } from "../errors.ts";
import { lastWords, runChild } from "../util/process/run-child.ts";
import type { FromWorker, SftStart, SftStep } from "./sft-messages.ts";
import type { SftSettings } from "./sft-settings.ts";

export interface SftChildOptions {
  onStart?(facts: SftStart): void;
  onStep?(report: SftStep): void;
  /** The run finishes its step, writes its checkpoint and ends. */
  signal?: AbortSignal;
  /** The run ends at once; what it did since its last checkpoint is lost. */
  killSignal?: AbortSignal;
}

/** Throws what the run threw, or a VikhrError with the process's last words where it did not come to that. */
export async function runSftInChild(
  settings: SftSettings,
  options: SftChildOptions = {},
): Promise<"done" | "aborted"> {
  let result: Extract<FromWorker, { type: "done" | "failed" }> | undefined;
  const end = await runChild(new URL("./sft-worker.ts", import.meta.url), {
    input: settings,
    signal: options.signal,
    killSignal: options.killSignal,
    onMessage(message) {
      const report = message as FromWorker;
      if (report.type === "started") options.onStart?.(report.facts);
      else if (report.type === "step") options.onStep?.(report.report);
      else result = report;
    },
  });
  if (result?.type === "done") return result.aborted ? "aborted" : "done";
  if (result?.type === "failed") throw failure(result);
  // Killed as asked, or by a Ctrl-C that came before it could listen. Any other end is a fault, aborted or not.
  const byCtrlC = end.signal === "SIGINT" || end.signal === "SIGTERM";
  if (options.killSignal?.aborted || (options.signal?.aborted && byCtrlC)) return "aborted";
  throw new VikhrError(
    `training stopped: ${lastWords(end)}; the same command goes on from the last checkpoint in ${settings.output_dir}`,
    { cause: new Error(end.stderr) },
  );
}

function failure({ message, exitCode, stack }: Extract<FromWorker, { type: "failed" }>): Error {
  const cause = new Error(message);
  if (stack !== undefined) cause.stack = stack;
  if (exitCode === undefined) return cause;
  return exitCode === EXIT.usage
    ? new InputError(message, { cause })
    : new VikhrError(message, { exitCode, cause });
}
