/**
 * The rows of a Parquet file, as plain objects. Read in a process with bounds of time and memory, because a few bytes of a
 * hostile file can ask for any amount of both.
 */
import { InputError } from "../errors.ts";
import { printable } from "../util/printable.ts";
import { forkModule } from "../util/process/fork-module.ts";

export type FromParquet = { rows: Record<string, unknown>[] } | { fault: string };

export interface ReadParquetOptions {
  /** In milliseconds. Default two minutes. */
  timeLimit?: number;
  /** Of the process's heap, in MB. Default 4096: 50,000 dialogues take some hundred. */
  memoryLimit?: number;
}

/** Throws InputError in one line that names the file. */
export async function readParquet(
  path: string,
  { timeLimit = 120_000, memoryLimit = 4096 }: ReadParquetOptions = {},
): Promise<Record<string, unknown>[]> {
  const child = forkModule(new URL("./parquet-process.ts", import.meta.url), {
    nodeArguments: [`--max-old-space-size=${memoryLimit}`],
  });
  const wrong = (what: string) => new InputError(`${path}: no Parquet file that can be read: ${what}`);
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = await new Promise<FromParquet>((resolve, reject) => {
      timer = setTimeout(() => reject(wrong(`it takes more than ${timeLimit / 1000} s`)), timeLimit);
      child.once("message", (message) => resolve(message as FromParquet));
      child.once("error", reject);
      child.once("exit", (code, signal) =>
        reject(
          wrong(`reading it ended the process (${signal ?? code}): it may need more than ${memoryLimit} MB`),
        ),
      );
      child.send(path, () => undefined);
    });
    if ("fault" in answer) throw wrong(printable(answer.fault));
    return answer.rows;
  } finally {
    clearTimeout(timer);
    child.removeAllListeners();
    child.kill("SIGKILL");
  }
}
