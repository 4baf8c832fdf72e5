/**
 * A Llama of random weights and some 300 tokens, as a GGUF file of 200 KB: every engine path in milliseconds, and
 * nonsense for text. Byte vocabulary, a few merges, our control tokens and our chat template.
 */
import { f32, type GgufValue, string, u32 } from "../../src/gguf/metadata.ts";
import { quantize } from "../../src/gguf/quantize.ts";
import type { TensorType } from "../../src/gguf/tensor-types.ts";
import { type GgufTensor, writeGguf } from "../../src/gguf/write-gguf.ts";
import { DEFAULT_CHAT_TEMPLATE } from "../../src/tokenizer/chat-template.ts";
import { trainBpe } from "../../src/tokenizer/train-bpe.ts";
import { tokenizerToGgufMetadata, type Vocabulary } from "../../src/tokenizer/vocabulary.ts";

export interface TinyGgufOptions {
  /** Default 32. */
  width?: number;
  /** Default 2. */
  blocks?: number;
  /** Query heads; half as many key-value heads, at least one. Default 4. */
  heads?: number;
  /** Default 64. */
  feedForward?: number;
  /** Default 1024. */
  contextLength?: number;
  /** Default 7. */
  seed?: number;
  /** Tokens added to the vocabulary, which no text contains. Default 0. */
  extraTokens?: number;
  /** Type of the matrices. Default F32. */
  type?: TensorType & ("F32" | "F16" | "Q8_0");
  /** Metadata to add or to put in place of what is written; `undefined` leaves a key out. */
  metadata?: Readonly<Record<string, GgufValue | undefined>>;
  /** Tensors to add. */
  tensors?: readonly GgufTensor[];
}

/** A few merges, so that not all is bytes. */
const TEXT =
  "это первое, второе и третье слово о том, что есть, а чего нет; the one that is there and the other ".repeat(
    3,
  );

export async function writeTinyGguf(path: string, options: TinyGgufOptions = {}): Promise<void> {
  const { width = 32, blocks = 2, heads = 4, feedForward = 64, contextLength = 1024 } = options;
  const words = trainBpe([TEXT], { vocabSize: 300 });
  const extra = Array.from({ length: options.extraTokens ?? 0 }, (_, i) => `<|unused_${i}|>`);
  const vocabulary: Vocabulary = { ...words, controlTokens: [...words.controlTokens, ...extra] };
  const vocabularySize = 256 + vocabulary.merges.length + vocabulary.controlTokens.length;
  const entries: [string, GgufValue | undefined][] = [
    ["general.architecture", string("llama")],
    ["general.name", string("tiny")],
    ["llama.block_count", u32(blocks)],
    ["llama.context_length", u32(contextLength)],
    ["llama.embedding_length", u32(width)],
    ["llama.feed_forward_length", u32(feedForward)],
    ["llama.attention.head_count", u32(heads)],
    ["llama.attention.head_count_kv", u32(Math.ceil(heads / 2))],
    ["llama.attention.layer_norm_rms_epsilon", f32(1e-5)],
    ["llama.rope.dimension_count", u32(width / heads)],
    ["llama.rope.freq_base", f32(10_000)],
    ["llama.vocab_size", u32(vocabularySize)],
    ...tokenizerToGgufMetadata(vocabulary, DEFAULT_CHAT_TEMPLATE),
    ...Object.entries(options.metadata ?? {}),
  ];
  const metadata = new Map<string, GgufValue>();
  for (const [key, value] of entries) {
    if (value) metadata.set(key, value);
    else metadata.delete(key);
  }
  const tensors = llamaTensors({ width, blocks, heads, feedForward, vocabulary: vocabularySize }, options);
  await writeGguf(path, { metadata, tensors: [...tensors, ...(options.tensors ?? [])] });
}

interface Shape {
  width: number;
  blocks: number;
  heads: number;
  feedForward: number;
  vocabulary: number;
}

function llamaTensors(shape: Shape, options: TinyGgufOptions): GgufTensor[] {
  const { width, blocks, heads, feedForward } = shape;
  const normal = normals(options.seed ?? 7);
  const matrix = (name: string, columns: number, rows: number, deviation: number): GgufTensor => {
    const values = Float32Array.from({ length: columns * rows }, () => deviation * normal());
    const type = options.type ?? "F32";
    return { name: `${name}.weight`, shape: [columns, rows], type, data: quantize(type, values) };
  };
  const norm = (name: string): GgufTensor => ({
    name: `${name}.weight`,
    shape: [width],
    type: "F32",
    data: quantize("F32", new Float32Array(width).fill(1)),
  });
  const keep = 1 / Math.sqrt(width);
  const kvWidth = (width / heads) * Math.ceil(heads / 2);
  return [
    matrix("token_embd", width, shape.vocabulary, 1),
    norm("output_norm"),
    matrix("output", width, shape.vocabulary, 1.5 * keep),
    ...Array.from({ length: blocks }, (_, i) => [
      norm(`blk.${i}.attn_norm`),
      matrix(`blk.${i}.attn_q`, width, width, keep),
      matrix(`blk.${i}.attn_k`, width, kvWidth, keep),
      matrix(`blk.${i}.attn_v`, width, kvWidth, keep),
      matrix(`blk.${i}.attn_output`, width, width, keep),
      norm(`blk.${i}.ffn_norm`),
      matrix(`blk.${i}.ffn_gate`, width, feedForward, keep),
      matrix(`blk.${i}.ffn_up`, width, feedForward, keep),
      matrix(`blk.${i}.ffn_down`, feedForward, width, 1 / Math.sqrt(feedForward)),
    ]).flat(),
  ];
}

/** Standard normal numbers, the same for a seed everywhere: a linear congruential generator and Box-Muller. */
function normals(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 1) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
