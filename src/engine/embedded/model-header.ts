/**
 * A GGUF header -> the facts that the engine needs, checked. The file may be hostile: llama.cpp ends the whole
 * process, or allocates without bound, on numbers that make no sense together, so those never reach it.
 */
import { InputError } from "../../errors.ts";
import {
  type GgufValue,
  metadataBool,
  metadataNumber,
  metadataNumbers,
  metadataString,
  metadataStrings,
} from "../../gguf/metadata.ts";
import type { GgufFile } from "../../gguf/read-gguf.ts";
import { checkNativeLimits, checkVocabulary } from "./native-limits.ts";

/** `gpt2` (bytes spelled as letters), `llama` (SentencePiece), `bert` (WordPiece) or `t5` (Unigram). */
export type TokenizerKind = "gpt2" | "llama" | "bert" | "t5";

export interface ModelHeader<Kind extends TokenizerKind = "gpt2" | "llama"> {
  path: string;
  architecture: string;
  blockCount: number;
  /** Tokens the model was trained to see. */
  contextLength: number;
  embeddingLength: number;
  feedForwardLength: number;
  /** Of each block. */
  headCountKv: number[];
  /** Floats of one head's key and value. */
  keyLength: number;
  valueLength: number;
  tokenizer: Kind;
  tokens: readonly string[];
  /** As llama.cpp numbers them: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. */
  tokenTypes: ArrayLike<number>;
  chatTemplate: string | undefined;
  bosToken: string | undefined;
  eosToken: string | undefined;
  /** Bytes of all tensors. */
  weightBytes: number;
}

// Far above any real model, far below what exhausts a machine.
const MAX_BLOCKS = 1024;
const MAX_WIDTH = 2 ** 20;
const MAX_CONTEXT = 2 ** 30;
const MAX_VOCABULARY = 2 ** 22;
const MAX_TOKEN_BYTES = 65_536;

/** Of a model that writes text. */
export function readModelHeader(file: GgufFile): ModelHeader {
  return readHeader(file, ["gpt2", "llama"]);
}

/** `kinds`: the tokenizers that the caller understands. */
export function readHeader<Kind extends TokenizerKind>(
  file: GgufFile,
  kinds: readonly Kind[],
): ModelHeader<Kind> {
  const fail = (what: string) =>
    new InputError(`${file.path}: not a usable model: ${what}: fetch or export it again`);
  const architecture = metadataString(file, "general.architecture");
  if (!/^[\w.-]{1,64}$/.test(architecture)) throw fail("general.architecture is no name");
  const number = (key: string, min: number, max: number, fallback?: number): number => {
    const value = metadataNumber(file, `${architecture}.${key}`, fallback);
    if (!Number.isInteger(value) || value < min || value > max)
      throw fail(`${architecture}.${key} is ${value} and must be between ${min} and ${max}`);
    return value;
  };
  const blockCount = number("block_count", 1, MAX_BLOCKS);
  const perBlock = (key: string, min: number, fallback?: number[]): number[] => {
    const full = `${architecture}.${key}`;
    const found: GgufValue | undefined = file.metadata.get(full);
    if (!found && fallback) return fallback;
    const values =
      found?.type === "array" ? Array.from(metadataNumbers(file, full) ?? []) : [number(key, min, MAX_WIDTH)];
    if (values.length !== 1 && values.length < blockCount)
      throw fail(`${full} has ${values.length} numbers for ${blockCount} blocks`);
    if (values.some((v) => !Number.isInteger(v) || v < min || v > MAX_WIDTH))
      throw fail(`${full} holds a number out of range`);
    return values.length === 1
      ? Array.from({ length: blockCount }, () => values[0]!)
      : values.slice(0, blockCount);
  };
  const embeddingLength = number("embedding_length", 1, MAX_WIDTH);
  // Other architectures have blocks without attention or without a feed-forward part.
  const isUniform = architecture === "llama" || architecture.includes("bert");
  const headCount = perBlock("attention.head_count", 1);
  const headCountKv = perBlock("attention.head_count_kv", isUniform ? 1 : 0, headCount);
  for (const [i, heads] of headCount.entries())
    if (headCountKv[i]! > heads || (headCountKv[i]! > 0 && heads % headCountKv[i]! !== 0))
      throw fail(`block ${i} has ${heads} attention heads for ${headCountKv[i]} key-value heads`);
  const headLength = Math.floor(embeddingLength / headCount[0]!);
  const keyLength = number("attention.key_length", 1, MAX_WIDTH, headLength);
  const valueLength = number("attention.value_length", 1, MAX_WIDTH, headLength);
  checkNativeLimits(file, architecture, blockCount, fail);
  const ropeLength = number("rope.dimension_count", 0, MAX_WIDTH, keyLength);
  if (ropeLength > keyLength || ropeLength % 2 !== 0)
    throw fail(`${architecture}.rope.dimension_count is ${ropeLength} for heads of ${keyLength}`);
  return {
    path: file.path,
    architecture,
    blockCount,
    contextLength: number("context_length", 1, MAX_CONTEXT),
    embeddingLength,
    feedForwardLength: Math.max(
      ...perBlock("feed_forward_length", isUniform ? 1 : 0, isUniform ? undefined : [4 * embeddingLength]),
    ),
    headCountKv,
    keyLength,
    valueLength,
    ...readVocabulary(file, kinds, fail),
    weightBytes: file.tensors.reduce((sum, tensor) => sum + tensor.byteLength, 0),
  };
}

function readVocabulary<Kind extends TokenizerKind>(
  file: GgufFile,
  kinds: readonly Kind[],
  fail: (what: string) => InputError,
) {
  const named = metadataString(file, "tokenizer.ggml.model");
  const tokenizer = kinds.find((kind) => kind === named);
  if (tokenizer === undefined)
    throw fail(
      `its tokenizer is of kind ${named.slice(0, 20)}, and ${new Intl.ListFormat("en").format(kinds)} are understood here`,
    );
  const tokens = metadataStrings(file, "tokenizer.ggml.tokens");
  if (tokens.length < 1 || tokens.length > MAX_VOCABULARY) throw fail(`it has ${tokens.length} tokens`);
  if (tokens.some((token) => token.length > MAX_TOKEN_BYTES)) throw fail("a token is absurdly long");
  checkVocabulary(tokenizer, tokens, fail);
  const embedding = file.tensors.find((tensor) => tensor.name === "token_embd.weight");
  if (!embedding) throw fail("it has no tensor token_embd.weight");
  if (embedding.shape[1] !== tokens.length)
    throw fail(`it has ${tokens.length} tokens and embeddings for ${embedding.shape[1]}`);
  for (const key of ["token_type", "scores"]) {
    const list = metadataNumbers(file, `tokenizer.ggml.${key}`);
    if (list && list.length !== tokens.length)
      throw fail(`tokenizer.ggml.${key} has ${list.length} numbers for ${tokens.length} tokens`);
  }
  const special = (name: string): string | undefined => {
    const key = `tokenizer.ggml.${name}_token_id`;
    if (!file.metadata.has(key)) return undefined;
    const id = metadataNumber(file, key);
    if (!(id >= 0 && id < tokens.length)) throw fail(`${key} is ${id} and there are ${tokens.length} tokens`);
    return tokens[id];
  };
  metadataBool(file, "tokenizer.ggml.add_bos_token", false);
  return {
    tokenizer,
    tokens,
    tokenTypes: metadataNumbers(file, "tokenizer.ggml.token_type") ?? new Uint8Array(tokens.length).fill(1),
    chatTemplate: metadataString(file, "tokenizer.chat_template", "") || undefined,
    bosToken: special("bos"),
    eosToken: special("eos"),
  };
}
