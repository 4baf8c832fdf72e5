/**
 * A child process of encoders.test.ts: opens the embedding models given as arguments, one after another, asks each
 * that opens for vectors, and prints one line a file. What ends this process shows in the line that is missing.
 */
import { openEmbeddedEmbedding } from "../../../src/engine/embedded/pooled/open-embedding.ts";
import { outcomeOf } from "../outcome-of.ts";

const texts = ["Собака, dog </s> [SEP]", "A".repeat(300), "ABCDEFGHIJ abcdefghij АБВГД 👍 ☃ \u0001"];

const outcome = (path: string) =>
  outcomeOf(
    () => openEmbeddedEmbedding(path, { gpu: false }),
    (model) => model.embed(texts, { role: "passage" }),
  );

for (const path of process.argv.slice(2)) console.log(JSON.stringify({ path, outcome: await outcome(path) }));
