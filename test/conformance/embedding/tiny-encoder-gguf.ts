/**
 * A BERT (WordPiece) or XLM-RoBERTa (Unigram) of random embeddings as a GGUF file of some 20 KB. Its blocks add
 * nothing unless asked to, so that what comes out at a position can be computed by hand: the norm of token, position and type.
 */
import { bool, f32, type GgufValue, i32s, string, strings, u32 } from "../../../src/gguf/metadata.ts";
import { quantize } from "../../../src/gguf/quantize.ts";
import { type GgufTensor, writeGguf } from "../../../src/gguf/write-gguf.ts";

export interface TinyEncoderOptions {
  kind: "bert" | "xlm-roberta";
  /** 1 mean, 2 the first token, 3 the last, 4 a reranker; left out, the header says nothing. */
  pooling?: number;
  /** Default 64. */
  contextLength?: number;
  /** Tensors of a reranker's head, by llama.cpp's names. */
  head?: readonly GgufTensor[];
  /** Blocks that do something. Default false. */
  hasBlocks?: boolean;
  /** Metadata to add or to put in place of what is written; `undefined` leaves a key out. */
  metadata?: Readonly<Record<string, GgufValue | undefined>>;
}

export const TINY_ENCODER_WIDTH = 16;
const BLOCKS = 2;
const LETTERS = [..."abcdefghijklmnopqrstuvwxyzабвгдеёжзийклмнопрстуфхцчшщъыьэюя.,?!<>[]/|"];
const WORDS = ["собака", "кошка", "dog", "cat", "cls", "s"];

/** Ids of the tokens that go around a text. */
export const TINY_ENCODER_ENDS = { bert: [2, 3], "xlm-roberta": [0, 2] } as const;

export function tinyEncoderTokens(kind: TinyEncoderOptions["kind"]): string[] {
  const special =
    kind === "bert" ? ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] : ["<s>", "<pad>", "</s>", "<unk>", "▁"];
  return [
    ...special,
    ...WORDS.map((word) => `▁${word}`),
    ...LETTERS,
    ...(kind === "bert" ? LETTERS.map((letter) => `▁${letter}`) : []),
  ].filter((token, i, all) => all.indexOf(token) === i);
}

/** Rows of embeddings, the same in every file. */
export function tinyEncoderRow(what: "token" | "position" | "type", index: number): Float32Array {
  const seed = { token: 1, position: 2, type: 3 }[what] * 7919 + index * 104_729;
  return Float32Array.from({ length: TINY_ENCODER_WIDTH }, (_, i) => Math.sin(seed + i * i * 12.9898 + i));
}

export async function writeTinyEncoder(path: string, options: TinyEncoderOptions): Promise<void> {
  const { kind, pooling, contextLength = 64 } = options;
  const tokens = tinyEncoderTokens(kind);
  const entries: [string, GgufValue | undefined][] = [
    ["general.architecture", string("bert")],
    ["general.name", string(`tiny ${kind}`)],
    ["bert.block_count", u32(BLOCKS)],
    ["bert.context_length", u32(contextLength)],
    ["bert.embedding_length", u32(TINY_ENCODER_WIDTH)],
    ["bert.feed_forward_length", u32(32)],
    ["bert.attention.head_count", u32(2)],
    ["bert.attention.layer_norm_epsilon", f32(1e-12)],
    ["bert.attention.causal", bool(false)],
    ["bert.pooling_type", pooling === undefined ? undefined : u32(pooling)],
    ...vocabulary(kind, tokens),
    ...Object.entries(options.metadata ?? {}),
  ];
  const metadata = new Map<string, GgufValue>();
  for (const [key, value] of entries) {
    if (value) metadata.set(key, value);
    else metadata.delete(key);
  }
  await writeGguf(path, {
    metadata,
    tensors: [...tensors(tokens.length, contextLength, options.hasBlocks ?? false), ...(options.head ?? [])],
  });
}

function vocabulary(kind: TinyEncoderOptions["kind"], tokens: readonly string[]): [string, GgufValue][] {
  const key = (name: string) => `tokenizer.ggml.${name}`;
  const common: [string, GgufValue][] = [
    [key("tokens"), strings(tokens)],
    [key("token_type_count"), u32(1)],
  ];
  if (kind === "bert")
    return [
      [key("model"), string("bert")],
      ...common,
      [key("token_type"), i32s(tokens.map((_, id) => (id < 5 ? 3 : 1)))],
      [key("padding_token_id"), u32(0)],
      [key("unknown_token_id"), u32(1)],
      [key("bos_token_id"), u32(2)],
      [key("seperator_token_id"), u32(3)],
      [key("mask_token_id"), u32(4)],
    ];
  const scores = Float32Array.from(tokens, (token, id) => (id < 4 ? 0 : token.length > 2 ? -2 : -6));
  return [
    [key("model"), string("t5")],
    ...common,
    [key("scores"), { type: "array", of: "f32", value: scores }],
    [key("token_type"), i32s(tokens.map((_, id) => (id === 3 ? 2 : id < 3 ? 3 : 1)))],
    [key("bos_token_id"), u32(0)],
    [key("padding_token_id"), u32(1)],
    [key("eos_token_id"), u32(2)],
    [key("unknown_token_id"), u32(3)],
    [key("add_bos_token"), bool(true)],
    [key("add_eos_token"), bool(true)],
    [key("add_space_prefix"), bool(true)],
    [key("remove_extra_whitespaces"), bool(true)],
    [key("precompiled_charsmap"), { type: "array", of: "u8", value: charsmap() }],
  ];
}

/** One rule, `A` becomes `a`, as SentencePiece compiles it: a double array of 2 * 256 units, then the replacements. */
function charsmap(): Uint8Array<ArrayBuffer> {
  const units = new Uint32Array(512);
  const replacements = Buffer.from("a\0");
  const letter = "A".charCodeAt(0);
  const leaf = 256 ^ letter;
  const value = 257;
  units[0] = 256 << 10;
  units[leaf] = ((leaf ^ value) << 10) | (1 << 8) | letter;
  // The replacement at 0.
  units[value] = 2 ** 31;
  const bytes = Buffer.alloc(4 + 4 * units.length + replacements.length);
  bytes.writeUInt32LE(4 * units.length, 0);
  for (const [i, unit] of units.entries()) bytes.writeUInt32LE(unit, 4 + 4 * i);
  replacements.copy(bytes, 4 + 4 * units.length);
  return new Uint8Array(bytes);
}

function tensors(vocabularySize: number, contextLength: number, hasBlocks: boolean): GgufTensor[] {
  const width = TINY_ENCODER_WIDTH;
  const table = (name: string, what: Parameters<typeof tinyEncoderRow>[0], rows: number): GgufTensor => ({
    name: `${name}.weight`,
    shape: [width, rows],
    type: "F32",
    data: quantize(
      "F32",
      Float32Array.from(Array.from({ length: rows }, (_, row) => [...tinyEncoderRow(what, row)]).flat()),
    ),
  });
  const filled = (name: string, shape: number[], value: number): GgufTensor => ({
    name,
    shape,
    type: "F32",
    data: quantize("F32", new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value)),
  });
  const linear = (name: string, columns: number, rows: number) => [
    hasBlocks ? wave(`${name}.weight`, columns, rows) : filled(`${name}.weight`, [columns, rows], 0),
    filled(`${name}.bias`, [rows], 0),
  ];
  const norm = (name: string) => [filled(`${name}.weight`, [width], 1), filled(`${name}.bias`, [width], 0)];
  return [
    table("token_embd", "token", vocabularySize),
    table("token_types", "type", 1),
    table("position_embd", "position", contextLength),
    ...norm("token_embd_norm"),
    ...Array.from({ length: BLOCKS }, (_, i) => [
      ...["attn_q", "attn_k", "attn_v", "attn_output"].flatMap((name) =>
        linear(`blk.${i}.${name}`, width, width),
      ),
      ...norm(`blk.${i}.attn_output_norm`),
      ...linear(`blk.${i}.ffn_up`, width, 32),
      ...linear(`blk.${i}.ffn_down`, 32, width),
      ...norm(`blk.${i}.layer_output_norm`),
    ]).flat(),
  ];
}

/** A matrix of numbers between -0.5 and 0.5, other ones for another name. */
export function wave(name: string, columns: number, rows: number): GgufTensor {
  const seed = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  const values = Float32Array.from({ length: columns * rows }, (_, i) => Math.sin(seed + i * 12.9898) / 2);
  return { name, shape: [columns, rows], type: "F32", data: quantize("F32", values) };
}
