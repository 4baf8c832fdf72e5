/** The shape of a Llama, and its GGUF metadata both ways. */

import { InputError } from "../errors.ts";
import { f32, type GgufValue, metadataNumber, metadataString, string, u32 } from "../gguf/metadata.ts";
import type { GgufFile } from "../gguf/read-gguf.ts";

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

/** Throws InputError where the file is not a Llama, or uses what training does not know (RoPE scaling). */
export function readLlamaConfig(file: GgufFile): LlamaConfig {
  const architecture = metadataString(file, "general.architecture");
  if (architecture !== "llama")
    throw new InputError(`${file.path}: the architecture is ${architecture}, and training knows llama only`);
  if (file.tensors.some((t) => t.name === "rope_freqs.weight"))
    throw new InputError(`${file.path}: it scales its RoPE frequencies, which training does not know`);
  const number = (key: string, fallback?: number) => metadataNumber(file, `llama.${key}`, fallback);
  const width = number("embedding_length");
  const heads = number("attention.head_count");
  const embedding = file.tensors.find((t) => t.name === "token_embd.weight");
  return {
    vocabularySize: number("vocab_size", embedding?.shape[1]),
    width,
    layers: number("block_count"),
    heads,
    kvHeads: number("attention.head_count_kv", heads),
    headSize: number("attention.key_length", width / heads),
    feedForward: number("feed_forward_length"),
    ropeBase: number("rope.freq_base", 10_000),
    rmsEpsilon: number("attention.layer_norm_rms_epsilon"),
    contextLength: number("context_length"),
    tied: !file.tensors.some((t) => t.name === "output.weight"),
  };
}
