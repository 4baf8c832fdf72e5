/** A collection that a command leaves out, and why, as a line on stderr: the others go on. */
import { terminalLine, terminalText } from "../../util/terminal-text.ts";
import { faultLine } from "../fault-line.ts";

/** Returns what is wrong with it. */
export function sayProblem(
  name: string,
  error: unknown,
  { debug }: Readonly<Record<string, unknown>>,
): string {
  const { line } = faultLine(error);
  process.stderr.write(`vikhr: ${terminalLine(`${name}: ${line}`)}\n`);
  if (debug && error instanceof Error) process.stderr.write(`${terminalText(error.stack ?? "")}\n`);
  return line;
}
