/**
 * npm run bench -- choices [--model file.gguf] [--clusters 100] [--seed 777]
 *
 * Which documents a model chooses, by kind of question and number of documents, in a minute instead of the ten of
 * `default-model`: the ids' turn is forced, and right where each of its tokens has more than half of the probability.
 * Also takes a checkpoint.gguf of a run that goes on, with the tokenizer of `--tokenizer`.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { InputError } from "../src/errors.ts";
import { metadataString } from "../src/gguf/metadata.ts";
import { readGguf } from "../src/gguf/read-gguf.ts";
import { batchInputs, batchLeaves, llamaLogprobs } from "../src/model/llama.ts";
import { readLlamaConfig } from "../src/model/llama-config.ts";
import { loadLlama } from "../src/model/llama-gguf.ts";
import { llamaParameters } from "../src/model/llama-parameters.ts";
import { generateDialogues } from "../src/synthesis/grounded/generate.ts";
import type { GroundedSplit, Language } from "../src/synthesis/grounded/options.ts";
import type { GroundedRow } from "../src/synthesis/grounded/row.ts";
import { openGgmlBackend } from "../src/tensor/ggml/backend.ts";
import { Tokenizer } from "../src/tokenizer/tokenizer.ts";
import { writeBatch } from "../src/train/loop.ts";
import { type PackedRow, rowPacker } from "../src/train/pack.ts";
import { sft } from "../src/train/sft.ts";
import { LANGUAGES } from "./xquad.ts";

const SHIPPED = fileURLToPath(new URL("../models/nano.gguf", import.meta.url));
const DOCUMENTS = [1, 2, 3, 4, 5];
const [ROWS, LENGTH] = [4, 1024];
const SPLITS: readonly GroundedSplit[] = ["test-names", "test-templates"];

interface Choice {
  row: GroundedRow;
  isRight: boolean;
}

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      model: { type: "string", default: SHIPPED },
      tokenizer: { type: "string", default: SHIPPED },
      clusters: { type: "string", default: "100" },
      seed: { type: "string", default: "777" },
    },
  });
  const [count, seed] = [Number(values.clusters), Number(values.seed)];
  if (!Number.isSafeInteger(count) || count < 1)
    throw new InputError(`--clusters is ${values.clusters} and must be a whole number from 1`);
  const { choose, close } = await openChooser(values.model, values.tokenizer);
  for (const split of SPLITS)
    for (const language of LANGUAGES) {
      const clusters = heldOut(split, language, count, seed);
      const choices: Choice[] = [];
      for (let from = 0; from < clusters.length; from += ROWS)
        choices.push(...(await choose(clusters.slice(from, from + ROWS))));
      const left = clusters.flat().length - choices.length;
      print(
        `${split}, ${language}${left > 0 ? ` (${left} questions left out: over ${LENGTH} tokens)` : ""}`,
        choices,
      );
    }
  close();
}

/** The same clusters for the same seed, whatever model is measured. */
function heldOut(split: GroundedSplit, language: Language, count: number, seed: number): GroundedRow[][] {
  const clusters: GroundedRow[][] = [];
  let last = "";
  const options = {
    split,
    seed,
    languages: { [language]: 1 },
    documents: [1, 5],
    questions: [5, 6],
  } as const;
  for (const row of generateDialogues(options)) {
    if (row.kind === "chat") continue;
    if (row.cluster !== last) {
      if (clusters.length === count) break;
      clusters.push([]);
      last = row.cluster;
    }
    clusters.at(-1)!.push(row);
  }
  return clusters;
}

/** At most `ROWS` clusters in, a choice for every row of those that fit `LENGTH` tokens out. */
async function openChooser(modelPath: string, tokenizerPath: string) {
  const withTokenizer = readGguf(tokenizerPath);
  const file = readGguf(modelPath);
  const config = readLlamaConfig(withTokenizer);
  const method = sft({
    tokenizer: new Tokenizer(withTokenizer),
    chatTemplate: metadataString(withTokenizer, "tokenizer.chat_template"),
  });
  const backend = await openGgmlBackend();
  const parameters = llamaParameters(config);
  const inputs = batchInputs(ROWS, LENGTH);
  backend.allocate([...parameters.all, ...batchLeaves(inputs)]);
  const tensors = file.tensors.filter(({ name }) => !name.startsWith("optimizer."));
  loadLlama({ ...file, tensors }, parameters, backend);
  const { next } = llamaLogprobs(config, parameters, inputs);
  const program = backend.compile([[next]]);
  const choose = async (clusters: GroundedRow[][]): Promise<Choice[]> => {
    const packed = clusters.map((rows) => {
      const sequences = method.encode(rows);
      const source = { length: 1, total: 1, cluster: () => sequences };
      return rowPacker(source, { rowCount: 1, length: LENGTH })().rows[0]!;
    });
    while (packed.length < ROWS) packed.push(packed[0]!);
    writeBatch(backend, inputs, packed, config.vocabularySize);
    await program.run(0);
    const logprobs = program.read(next);
    return clusters.flatMap((rows, r) => {
      const turns = firstTurns(packed[r]!, logprobs.subarray(r * LENGTH, (r + 1) * LENGTH));
      if (turns.length !== rows.length) return [];
      return rows.map((row, i) => ({ row, isRight: turns[i]!.every((logprob) => logprob > Math.log(0.5)) }));
    });
  };
  return { choose, close: () => backend.close() };
}

/** The log-probabilities of every sequence's first assistant turn; branch 0 is what they all begin with. */
function firstTurns(row: PackedRow, logprobs: Float32Array): number[][] {
  const turns: number[][] = [];
  let isOver = false;
  for (let i = 0; i < row.used; i++) {
    if (row.branch[i] === 0) continue;
    if (row.branch[i] !== row.branch[i - 1]) {
      turns.push([]);
      isOver = false;
    }
    const turn = turns.at(-1)!;
    if (row.isAnswer[i] && !isOver) turn.push(logprobs[i]!);
    else isOver = turn.length > 0;
  }
  return turns;
}

function print(title: string, choices: readonly Choice[]): void {
  const share = (some: readonly Choice[]) =>
    some.length === 0
      ? ""
      : `${((100 * some.filter((c) => c.isRight).length) / some.length).toFixed(0)} (${some.length})`;
  const line = (name: string, some: readonly Choice[]) =>
    console.log(
      name.padEnd(24),
      share(some).padStart(9),
      ...DOCUMENTS.map((n) => share(some.filter(({ row }) => row.document_count === n)).padStart(9)),
    );
  console.log(`\n${title}: right ids, % (of)`);
  console.log("documents".padEnd(24), "all".padStart(9), ...DOCUMENTS.map((n) => `${n}`.padStart(9)));
  for (const kind of [...new Set(choices.map(({ row }) => row.kind))].sort())
    line(
      kind,
      choices.filter(({ row }) => row.kind === kind),
    );
  const answerable = choices.filter(({ row }) => row.relevant_doc_ids.length > 0);
  line("all answerable", answerable);
}
