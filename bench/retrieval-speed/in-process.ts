/** One call in a process of its own, so that its memory and its processor time are its own. */
import { lastWords, runChild } from "../../src/util/process/run-child.ts";

/** `module` calls `answer`. */
export async function inProcess<Result>(module: URL, input: unknown): Promise<Result> {
  let result: Result | undefined;
  const end = await runChild(module, { input, onMessage: (message) => (result = message as Result) });
  if (result === undefined || end.code !== 0) throw new Error(`${module.pathname}: ${lastWords(end)}`);
  return result;
}

/** In the process: calls `work` with the input, sends what it returns, and ends. */
export function answer<Input, Result>(work: (input: Input) => Promise<Result>): void {
  process.once("message", async ({ input }: { input: Input }) => {
    const result = await work(input);
    process.send!(result, () => process.exit(0));
  });
}
