/** What a command failed of in, the line that people see and the exit code out. */
import { CommanderError } from "commander";
import { EXIT, VikhrError } from "../errors.ts";

export function faultLine(error: unknown): { line: string; code: number } {
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
    return { line: `${what}: check the disk, the path and its permissions`, code: EXIT.usage };
  return { line: `internal error: ${what} (--debug shows where)`, code: EXIT.failure };
}
