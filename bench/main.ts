/**
 * npm run bench -- <name> [options]
 *
 * Runs one benchmark: bench/<name>.ts, its exported `main(args)`. Without a name lists them.
 */
import { InputError } from "../src/errors.ts";

const BENCHES: Record<string, string> = {
  "default-model":
    "the shipped model on dialogues that it never saw, beside chance; XQuAD beside quotes [--model] [--rows 500]",
  choices:
    "which documents a model or a checkpoint chooses, by kind and number of documents [--model] [--clusters 100]",
  train:
    "training tokens/s at three sizes, beside PyTorch; where the time goes [--sizes 1M,8M,30M] [--threads 1,2] [--rounds 5] [--json]",
  engine:
    "the embedded engine beside llama-bench and llama-server; what sharing gains; 2,000 requests at once [--models random-1b,nano] [--rounds 3] [--requests 2000] [--threads] [--gpu] [--json]",
  server:
    "vikhr serve: 200 clients for a minute, requests/s beside llama-server, what HTTP costs [--clients 200] [--seconds 60] [--rounds 3] [--json]",
  "retrieval-quality":
    "where search ranks XQuAD's paragraphs, alone and among real text, beside plain BM25 [--embedding-model]",
  "retrieval-speed":
    "100k and 1M chunks: building, disk, memory, CPU ms of queries, beside SQLite FTS5 [--chunks 100000,1000000] [--queries 200] [--json]",
  arena:
    "CPU ms of the bootstraps of an arena: published rows of 23,340 battles; 10,000 rounds over 50k battles of 45 models [--json]",
  ingest:
    "vikhr add of 10,000 Markdown files, vikhr sync of them unchanged: MB/s and seconds [--files] [--json]",
  book: "20 questions a language over the Rust book, added as a folder: pages found, answers quoted [--model nano] [--verbose]",
  quotes: "quotes and citations on XQuAD: ids, refusals, sentences, calibration, speed [--fit]",
};

const [name, ...args] = process.argv.slice(2);
if (name === undefined || !Object.hasOwn(BENCHES, name)) {
  if (name !== undefined) console.error(`there is no benchmark ${JSON.stringify(name)}`);
  for (const [known, what] of Object.entries(BENCHES)) console.error(`${known.padEnd(14)} ${what}`);
  process.exitCode = name === undefined ? 0 : 2;
} else {
  const bench = (await import(`./${name}.ts`)) as { main(args: string[]): Promise<void> | void };
  try {
    await bench.main(args);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
