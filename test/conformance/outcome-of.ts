/** What became of opening and using a file that may be damaged, in words: for child processes that it may end. */
import { VikhrError } from "../../src/errors.ts";

interface Closable {
  close(): Promise<void>;
}

export async function outcomeOf<Model extends Closable>(
  open: () => Promise<Model>,
  use: (model: Model) => Promise<unknown>,
): Promise<string> {
  try {
    const model = await open();
    try {
      await use(model);
      return "answered";
    } finally {
      await model.close();
    }
  } catch (error) {
    if (error instanceof VikhrError) return `refused: ${error.message}`;
    return `not our error: ${error instanceof Error ? error.stack : String(error)}`;
  }
}
