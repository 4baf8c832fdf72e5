/**
 * A GGUF header -> what is needed to make vectors with the model: the facts of any model, checked, and how the
 * vectors of a text's tokens become one.
 */
import { InputError } from "../../../errors.ts";
import { metadataBool, metadataNumber, metadataString } from "../../../gguf/metadata.ts";
import type { GgufFile } from "../../../gguf/read-gguf.ts";
import { checkCharsmap } from "../charsmap.ts";
import { type ModelHeader, readHeader, type TokenizerKind } from "../model-header.ts";

export type Pooling = "mean" | "first" | "last";

/** Of any model whose texts are read and not continued. */
export interface PooledHeader extends ModelHeader<TokenizerKind> {
  /** Tokens see only those before them: a text can be evaluated in pieces. */
  isCausal: boolean;
}

export interface EmbeddingHeader extends PooledHeader {
  pooling: Pooling;
  /** What the file calls the model, `general.name` and `general.basename`. */
  modelNames: string[];
}

/** By llama.cpp's numbers: none, mean, CLS, last, rank. */
const POOLING: readonly (Pooling | undefined)[] = [undefined, "mean", "first", "last"];
export const RANK = 4;

/**
 * Decoders that are made into embedding models. Where an architecture is not known, its texts are evaluated whole:
 * that takes more memory, and is right for encoders as well.
 */
const DECODERS = new Set(["llama", "qwen2", "qwen3"]);

export function readPooledHeader(file: GgufFile): PooledHeader {
  const header = readHeader(file, ["gpt2", "llama", "bert", "t5"]);
  const { architecture } = header;
  if (header.tokenizer === "t5")
    checkCharsmap(file, (what) => new InputError(`${file.path}: ${what}: fetch or export it again`));
  const isCausal = DECODERS.has(architecture) && metadataBool(file, `${architecture}.attention.causal`, true);
  return { ...header, isCausal };
}

/**
 * A model that says nothing of pooling, or "none", was not made for this: the mean of its tokens then, which is the
 * better guess of the two for a language model, and is what most encoders want.
 */
export function readEmbeddingHeader(file: GgufFile): EmbeddingHeader {
  const header = readPooledHeader(file);
  const { architecture } = header;
  const fail = (what: string) =>
    new InputError(`${file.path}: not a usable embedding model: ${what}: fetch or export it again`);
  const poolingKey = `${architecture}.pooling_type`;
  const number = metadataNumber(file, poolingKey, 0);
  if (number === RANK)
    throw new InputError(
      `${file.path} is a reranker, which rates pairs of texts and makes no vectors: use an embedding model`,
    );
  if (!Number.isInteger(number) || number < 0 || number > RANK) throw fail(`${poolingKey} is ${number}`);
  const pooling = POOLING[number];
  return {
    ...header,
    pooling: pooling ?? "mean",
    modelNames: ["general.name", "general.basename"].map((key) => metadataString(file, key, "")),
  };
}
