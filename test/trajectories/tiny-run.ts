/** A run of some seconds on the committed dialogues: its settings, and what it leaves in its folder. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readGguf } from "../../src/gguf/read-gguf.ts";
import { readTensorFloats } from "../../src/gguf/read-tensor.ts";
import type { MessagesRow } from "../../src/spec/dataset.ts";
import { trainBpe } from "../../src/tokenizer/train-bpe.ts";
import { writeVocabulary } from "../../src/tokenizer/vocabulary.ts";
import { type SftSettings, sftSettings } from "../../src/train/sft-settings.ts";

export const FIXTURES = join(import.meta.dirname, "../fixtures/sft");
const TRAIN = join(FIXTURES, "train.jsonl");
export const EVALUATION = join(FIXTURES, "eval.jsonl");

/** A vocabulary trained on the dialogues themselves, at `tokenizer.json` in the folder. */
export async function writeTinyVocabulary(folder: string): Promise<void> {
  const rows = readFileSync(TRAIN, "utf8").trim().split("\n");
  const texts = rows.flatMap((line) => (JSON.parse(line) as MessagesRow).messages.map((m) => m.content));
  await writeVocabulary(join(folder, "tokenizer.json"), trainBpe(texts, { vocabSize: 384 }));
}

/** 50 steps of two rows of 128 tokens; the vocabulary lies in `folder`, the run in `folder/name`. */
export function tinySettings(folder: string, name: string, changes: Partial<SftSettings> = {}): SftSettings {
  return sftSettings.parse({
    output_dir: join(folder, name),
    fresh_model: {
      hidden_size: 32,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      intermediate_size: 64,
      rope_theta: 10_000,
      max_position_embeddings: 256,
    },
    tokenizer: join(folder, "tokenizer.json"),
    dataset: TRAIN,
    max_length: 128,
    per_device_train_batch_size: 2,
    learning_rate: 4e-3,
    warmup_steps: 5,
    max_steps: 50,
    context_loss_weight: 0.2,
    logging_steps: 1,
    eval_steps: 25,
    threads: 1,
    // With seed 0 one gradient of the first step is 1.7e-8, near Adam's epsilon, and rounding decides its update.
    seed: 2,
    export_type: "F32",
    model_name: "tiny",
    ...changes,
  });
}

export type MetricsRow = Record<string, number>;

/** The rows of metrics.jsonl without `seconds`, which no two runs share; every line must be whole. */
export function metricsOf(settings: SftSettings): MetricsRow[] {
  const text = readFileSync(join(settings.output_dir, "metrics.jsonl"), "utf8");
  if (!text.endsWith("\n")) throw new Error("the last line is cut");
  const rows = text.slice(0, -1).split("\n");
  return rows.map((line) => {
    const { seconds: _, ...row } = JSON.parse(line) as MetricsRow;
    return row;
  });
}

/** All values of model.gguf, which is F32, by tensor. */
export function parametersOf(settings: SftSettings): Map<string, Float32Array> {
  const file = readGguf(join(settings.output_dir, "model.gguf"));
  return new Map(file.tensors.map(({ name }) => [name, readTensorFloats(file, name)]));
}

/** Largest |a - b| over all parameters. */
export function parameterGap(a: Map<string, Float32Array>, b: Map<string, Float32Array>): number {
  let gap = 0;
  for (const [name, values] of a)
    for (const [i, value] of values.entries()) gap = Math.max(gap, Math.abs(value - b.get(name)![i]!));
  return gap;
}
