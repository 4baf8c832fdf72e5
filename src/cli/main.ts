#!/usr/bin/env node
/** The command `vikhr`. Runs what the arguments ask for; every fault becomes one line and an exit code. */
import { CommanderError } from "commander";
import { EXIT, InputError, VikhrError } from "../errors.ts";
import { terminalLine, terminalText } from "../util/terminal-text.ts";
import { createProgram } from "./program.ts";

process.exitCode = await main(process.argv.slice(2));
// Whatever native code may still have running, all that was asked for is done and written.
process.stdout.write("", () => process.exit());

async function main(args: string[]): Promise<number> {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // `vikhr ask ... | head`: the reader has closed the pipe.
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    process.exit(report(new InputError(`cannot write the output: ${error.message}`), false));
  });
  // Whoever closed it does not want to be told.
  process.stderr.on("error", () => undefined);
  let code: number = EXIT.ok;
  try {
    await createProgram((ended) => {
      code = ended;
    }).parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    return report(error, args.includes("--debug"));
  }
}

function report(error: unknown, debug: boolean): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
  if (error instanceof Error && error.name === "AbortError") return EXIT.interrupted;
  const { line, code } = describe(error);
  if (line !== "") process.stderr.write(`vikhr: ${terminalLine(line)}\n`);
  if (debug && error instanceof Error) process.stderr.write(`${terminalText(stackOf(error))}\n`);
  return code;
}

function describe(error: unknown): { line: string; code: number } {
  if (error instanceof VikhrError) return { line: error.message, code: error.exitCode };
  // Its help was printed already where no command was given.
  if (error instanceof CommanderError)
    return {
      line: error.code === "commander.help" ? "" : error.message.replace(/^error: /, ""),
      code: EXIT.usage,
    };
  const what = error instanceof Error ? error.message : String(error);
  // "EACCES: permission denied, rename 'a' -> 'b'": of the file system, not of ours. A network's errors begin otherwise.
  if (error instanceof Error && "code" in error && what.startsWith(`${error.code}: `))
    return { line: `${what}: check the disk, the path and its permissions`, code: EXIT.failure };
  return { line: `internal error: ${what} (--debug shows where)`, code: EXIT.failure };
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by: ${stackOf(error.cause)}` : "";
  return `${error.stack}${cause}`;
}
