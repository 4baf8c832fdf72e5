/**
 * A child process of encoders.test.ts: opens the embedding models given as arguments, one after another, asks each
 * that opens for vectors, and prints one line a file. What ends this process shows in the line that is missing.
 */
import { openEmbeddedEmbedding } from "../../../src/engine/embedded/pooled/open-embedding.ts";
import { VikhrError } from "../../../src/errors.ts";

const texts = ["Собака, dog </s> [SEP]", "A".repeat(300), "ABCDEFGHIJ abcdefghij АБВГД 👍 ☃ \u0001"];

async function outcome(path: string): Promise<string> {
  try {
    const model = await openEmbeddedEmbedding(path, { gpu: false });
    try {
      await model.embed(texts, { role: "passage" });
      return "answered";
    } finally {
      await model.close();
    }
  } catch (error) {
    if (error instanceof VikhrError) return `refused: ${error.message}`;
    return `not our error: ${error instanceof Error ? error.stack : String(error)}`;
  }
}

for (const path of process.argv.slice(2)) console.log(JSON.stringify({ path, outcome: await outcome(path) }));
