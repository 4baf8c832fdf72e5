/**
 * A Llama of random weights in the shape of Llama 3.2 1B, in Q4_0: 1.24 billion parameters, 0.7 GB. It writes nonsense,
 * in the time that a real one takes.
 */
import { existsSync } from "node:fs";
import { floatToHalf } from "../../src/gguf/half.ts";
import { f32, type GgufValue, string, u32 } from "../../src/gguf/metadata.ts";
import { type TensorType, tensorByteLength } from "../../src/gguf/tensor-types.ts";
import { type GgufTensor, writeGguf } from "../../src/gguf/write-gguf.ts";
import { CONTROL_TOKENS, tokenizerToGgufMetadata } from "../../src/tokenizer/vocabulary.ts";

const WIDTH = 2048;
const BLOCKS = 16;
const HEADS = 32;
const KV_HEADS = 8;
const FEED_FORWARD = 8192;
const VOCABULARY = 128_256;
const CONTEXT_LENGTH = 16_384;

/** Bytes of a block of Q4_0: a scale, and 32 numbers of four bits. */
const BLOCK_BYTES = 18;
/** Numbers from -8 to 7, evenly: their deviation is 4.6, and that of the weights becomes 1 / sqrt(width). */
const SCALE = 1 / (4.6 * Math.sqrt(WIDTH));

/** Writes the file unless it is there. */
export async function writeRandomLlama(path: string): Promise<void> {
  if (existsSync(path)) return;
  const names = Object.values(CONTROL_TOKENS);
  const unused = Array.from({ length: VOCABULARY - 256 - names.length }, (_, i) => `<|unused_${i}|>`);
  const metadata = new Map<string, GgufValue>([
    ["general.architecture", string("llama")],
    ["general.name", string("random 1B")],
    ["llama.block_count", u32(BLOCKS)],
    ["llama.context_length", u32(CONTEXT_LENGTH)],
    ["llama.embedding_length", u32(WIDTH)],
    ["llama.feed_forward_length", u32(FEED_FORWARD)],
    ["llama.attention.head_count", u32(HEADS)],
    ["llama.attention.head_count_kv", u32(KV_HEADS)],
    ["llama.attention.layer_norm_rms_epsilon", f32(1e-5)],
    ["llama.rope.dimension_count", u32(WIDTH / HEADS)],
    ["llama.rope.freq_base", f32(500_000)],
    ["llama.vocab_size", u32(VOCABULARY)],
    ...tokenizerToGgufMetadata({ merges: [], controlTokens: [...names, ...unused] }),
  ]);
  await writeGguf(path, { metadata, tensors: randomTensors() });
}

/** All matrices are beginnings of one: what they hold does not matter, and it is made in a second. */
function randomTensors(): GgufTensor[] {
  const numbers = randomBlocks(tensorByteLength("Q4_0", [WIDTH, VOCABULARY])!);
  const ones = new Uint8Array(new Float32Array(WIDTH).fill(1).buffer);
  const tensor = (name: string, type: TensorType, shape: number[], data: Uint8Array): GgufTensor => ({
    name: `${name}.weight`,
    shape,
    type,
    data: data.subarray(0, tensorByteLength(type, shape)),
  });
  const matrix = (name: string, columns: number, rows: number) =>
    tensor(name, "Q4_0", [columns, rows], numbers);
  const norm = (name: string) => tensor(name, "F32", [WIDTH], ones);
  const kvWidth = (WIDTH / HEADS) * KV_HEADS;
  const block = (name: string) => [
    norm(`${name}.attn_norm`),
    matrix(`${name}.attn_q`, WIDTH, WIDTH),
    matrix(`${name}.attn_k`, WIDTH, kvWidth),
    matrix(`${name}.attn_v`, WIDTH, kvWidth),
    matrix(`${name}.attn_output`, WIDTH, WIDTH),
    norm(`${name}.ffn_norm`),
    matrix(`${name}.ffn_gate`, WIDTH, FEED_FORWARD),
    matrix(`${name}.ffn_up`, WIDTH, FEED_FORWARD),
    matrix(`${name}.ffn_down`, FEED_FORWARD, WIDTH),
  ];
  // The embedding is the output, too, as in the model that it imitates.
  return [
    matrix("token_embd", WIDTH, VOCABULARY),
    norm("output_norm"),
    ...Array.from({ length: BLOCKS }, (_, i) => block(`blk.${i}`)).flat(),
  ];
}

function randomBlocks(length: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = 2026;
  for (let i = 0; i < words.length; i++) {
    // xorshift32, Marsaglia 2003.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  const bytes = new Uint8Array(words.buffer, 0, length);
  const scale = floatToHalf(SCALE);
  for (let at = 0; at < length; at += BLOCK_BYTES) {
    bytes[at] = scale & 0xff;
    bytes[at + 1] = scale >>> 8;
  }
  return bytes;
}
