/** The shape of a Llama, and its GGUF metadata both ways. */

import { InputError } from "../errors.ts";
import { f32, type GgufValue, metadataNumber, metadataString, string, u32 } from "../gguf/metadata.ts";
import type { GgufFile } from "../gguf/read-gguf.ts";
import { printable } from "../util/printable.ts";

export interface LlamaConfig {
  vocabularySize: number;
  /** Width of the residual stream (`embedding_length`). */
  width: number;
  /** `block_count`. */
  layers: number;
  heads: number;
  /** Heads of keys and values; `heads` is a multiple of it (Ainslie et al. 2023). */
  kvHeads: number;
  headSize: number;
  feedForward: number;
  ropeBase: number;
  rmsEpsilon: number;
  /** Longest sequence it is meant for, in tokens. */
  contextLength: number;
  /** The output layer is the transposed token embedding. */
  tied: boolean;
}

/** Llama's metadata keys, without those of the tokenizer. */
export function llamaMetadata(config: LlamaConfig): Map<string, GgufValue> {
  return new Map<string, GgufValue>([
    ["general.architecture", string("llama")],
    ["llama.vocab_size", u32(config.vocabularySize)],
    ["llama.context_length", u32(config.contextLength)],
    ["llama.embedding_length", u32(config.width)],
    ["llama.block_count", u32(config.layers)],
    ["llama.feed_forward_length", u32(config.feedForward)],
    ["llama.attention.head_count", u32(config.heads)],
    ["llama.attention.head_count_kv", u32(config.kvHeads)],
    ["llama.attention.key_length", u32(config.headSize)],
    ["llama.attention.value_length", u32(config.headSize)],
    ["llama.attention.layer_norm_rms_epsilon", f32(config.rmsEpsilon)],
    ["llama.rope.dimension_count", u32(config.headSize)],
    ["llama.rope.freq_base", f32(config.ropeBase)],
  ]);
}

// Far above any real model, far below what exhausts a machine.
const MAX_LAYERS = 1024;
const MAX_SIZE = 2 ** 22;

/** Throws InputError where the file is not a Llama, or uses what training does not know (RoPE scaling). */
export function readLlamaConfig(file: GgufFile): LlamaConfig {
  const architecture = metadataString(file, "general.architecture");
  if (architecture !== "llama")
    throw new InputError(
      `${file.path}: the architecture is ${printable(architecture, 40)}, and training knows llama only`,
    );
  const scaling = metadataString(file, "llama.rope.scaling.type", "none");
  if (scaling !== "none" || file.tensors.some((t) => t.name === "rope_freqs.weight"))
    throw new InputError(`${file.path}: it scales its RoPE frequencies, which training does not know`);
  const number = (key: string, fallback?: number) => metadataNumber(file, `llama.${key}`, fallback);
  const size = (key: string, fallback?: number, max = MAX_SIZE) => {
    const value = number(key, fallback);
    if (!Number.isInteger(value) || value < 1 || value > max)
      throw new InputError(`${file.path}: llama.${key} is ${value} and must be from 1 to ${max}`);
    return value;
  };
  const width = size("embedding_length");
  const heads = size("attention.head_count");
  const embedding = file.tensors.find((t) => t.name === "token_embd.weight");
  const headSize = size("attention.key_length", width / heads);
  for (const key of ["attention.value_length", "rope.dimension_count"])
    if (size(key, headSize) !== headSize)
      throw new InputError(
        `${file.path}: llama.${key} is not the head's ${headSize}: training knows no other`,
      );
  const kvHeads = size("attention.head_count_kv", heads);
  if (heads % kvHeads !== 0 || headSize % 2 !== 0)
    throw new InputError(`${file.path}: ${heads} heads of ${headSize} for ${kvHeads} of keys are no Llama`);
  return {
    vocabularySize: size("vocab_size", embedding?.shape[1]),
    width,
    layers: size("block_count", undefined, MAX_LAYERS),
    heads,
    kvHeads,
    headSize,
    feedForward: size("feed_forward_length"),
    ropeBase: number("rope.freq_base", 10_000),
    rmsEpsilon: number("attention.layer_norm_rms_epsilon"),
    contextLength: size("context_length", undefined, Number.MAX_SAFE_INTEGER),
    tied: !file.tensors.some((t) => t.name === "output.weight"),
  };
}
