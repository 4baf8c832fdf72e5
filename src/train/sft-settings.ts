/** The YAML of a supervised fine-tuning run, under TRL's names; a recipe's config.json is the same, filled in. */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { readYamlFile } from "../util/read-yaml-file.ts";

const MAX_CONFIG_BYTES = 1024 * 1024;

/** A model made from nothing. */
const freshModel = z.strictObject({
  hidden_size: z.int().positive(),
  num_hidden_layers: z.int().positive(),
  num_attention_heads: z.int().positive(),
  num_key_value_heads: z.int().positive(),
  intermediate_size: z.int().positive(),
  rope_theta: z.number().positive().default(500_000),
  rms_norm_eps: z.number().positive().default(1e-5),
  max_position_embeddings: z.int().positive().default(4096),
  tie_word_embeddings: z.boolean().default(true),
});

export const sftSettings = z.strictObject({
  /** Folder of the run: config.json, metrics.jsonl, checkpoint.gguf, model.gguf, meta.json. */
  output_dir: z.string().min(1),
  /** A GGUF to go on from (F32, F16, BF16, Q8_0, Q4_0), with its tokenizer and template. Or `fresh_model` and `tokenizer`. */
  model_name_or_path: z.string().optional(),
  fresh_model: freshModel.optional(),
  /** What `vikhr train tokenizer` wrote; for a fresh model. */
  tokenizer: z.string().optional(),
  /** JSONL files of rows with `messages` (and `cluster`: neighbours with the same one share their beginning). */
  dataset: z.union([z.string(), z.array(z.string()).min(1)]),
  /** Rows that are not trained on; their loss is logged as eval_loss. */
  eval_dataset: z.string().optional(),
  /** Tokens in a packed row; longer dialogues are left out, and counted. */
  max_length: z.int().min(32).default(1024),
  per_device_train_batch_size: z.int().positive().default(2),
  gradient_accumulation_steps: z.int().positive().default(1),
  gradient_checkpointing: z.boolean().default(false),
  learning_rate: z.number().positive().default(1e-4),
  lr_scheduler_type: z.enum(["cosine", "linear", "constant"]).default("cosine"),
  /** The decay ends at this fraction of learning_rate. */
  lr_final_fraction: z.number().min(0).max(1).default(0.1),
  warmup_steps: z.int().nonnegative().default(20),
  /** Ends the run; else num_train_epochs does. */
  max_steps: z.int().positive().optional(),
  num_train_epochs: z.number().positive().default(1),
  /** `muon`: hidden matrices by Muon, the rest by AdamW, at the same learning rate. */
  optim: z.enum(["adamw", "muon"]).default("adamw"),
  adam_beta1: z.number().min(0).lt(1).default(0.9),
  adam_beta2: z.number().min(0).lt(1).default(0.95),
  weight_decay: z.number().nonnegative().default(0.01),
  max_grad_norm: z.number().positive().default(1),
  /** Loss weight of tokens outside assistant turns. */
  context_loss_weight: z.number().min(0).max(1).default(0),
  /** Loss weight of the rows' auxiliary targets, read from the middle layer. */
  auxiliary_loss_weight: z.number().nonnegative().default(0),
  seed: z.int().default(0),
  /** Threads; default: measured at the start. */
  threads: z.int().positive().optional(),
  logging_steps: z.int().positive().default(10),
  eval_steps: z.int().positive().default(200),
  /** Minutes between checkpoints. */
  save_minutes: z.number().positive().default(3),
  /** Number format of model.gguf. */
  export_type: z.enum(["F32", "F16", "Q8_0"]).default("F16"),
  /** `general.name` of model.gguf. */
  model_name: z.string().default("vikhr-sft"),
  /** `general.license` of model.gguf, in SPDX's short form. Default: the base model's. */
  license: z.string().min(1).max(64).optional(),
});

export type SftSettings = z.infer<typeof sftSettings>;

/** What does not divide, or nothing. */
function headFault(fresh: z.infer<typeof freshModel>): string | undefined {
  const { hidden_size: width, num_attention_heads: heads, num_key_value_heads: kvHeads } = fresh;
  if (width % (2 * heads) !== 0)
    return `hidden_size: ${width} is no multiple of 2 x num_attention_heads (${heads})`;
  if (heads % kvHeads !== 0)
    return `num_attention_heads: ${heads} is no multiple of num_key_value_heads (${kvHeads})`;
  return undefined;
}

/** Throws InputError that names the file and the setting. */
export function readSftSettings(path: string): SftSettings {
  const result = sftSettings.safeParse(readYamlFile(path, { maxBytes: MAX_CONFIG_BYTES }));
  if (!result.success) {
    const issue = result.error.issues[0]!;
    throw new InputError(`${path}: ${issue.path.join(".") || "settings"}: ${issue.message}`);
  }
  const { model_name_or_path: base, fresh_model: fresh, tokenizer } = result.data;
  const unfit = fresh && headFault(fresh);
  if (unfit) throw new InputError(`${path}: fresh_model.${unfit}`);
  if (Boolean(base) === Boolean(fresh))
    throw new InputError(`${path}: give model_name_or_path or fresh_model, one of them`);
  if (fresh && !tokenizer) throw new InputError(`${path}: a fresh_model needs a tokenizer`);
  if (base && tokenizer) throw new InputError(`${path}: the tokenizer is the one in ${base}: leave it out`);
  return result.data;
}
