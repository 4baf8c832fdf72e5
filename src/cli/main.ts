#!/usr/bin/env node
/** The command `vikhr`. Runs what the arguments ask for; every fault becomes one line and an exit code. */
import { CommanderError } from "commander";
import { EXIT, InputError } from "../errors.ts";
import { terminalLine, terminalText } from "../util/terminal-text.ts";
import { faultLine } from "./fault-line.ts";
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
  const { line, code } = faultLine(error);
  if (line !== "") process.stderr.write(`vikhr: ${terminalLine(line)}\n`);
  if (debug && error instanceof Error) process.stderr.write(`${terminalText(stackOf(error))}\n`);
  return code;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by: ${stackOf(error.cause)}` : "";
  return `${error.stack}${cause}`;
}
