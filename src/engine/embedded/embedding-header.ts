/**
 * A GGUF header -> what is needed to make vectors with the model: the facts of any model, checked, and how the
 * vectors of a text's tokens become one.
 */
import { InputError } from "../../errors.ts";
import { metadataBool, metadataNumber, metadataString } from "../../gguf/metadata.ts";
import type { GgufFile } from "../../gguf/read-gguf.ts";
import { checkCharsmap } from "./charsmap.ts";
import { type ModelHeader, readHeader, type TokenizerKind } from "./model-header.ts";

export type Pooling = "mean" | "first" | "last";

export interface EmbeddingHeader extends ModelHeader<TokenizerKind> {
  pooling: Pooling;
  /** Header values to be put in place of the file's own. */
  overrides: Record<string, Record<string, number>>;
  /** Tokens see only those before them: a text can be evaluated in pieces. */
  isCausal: boolean;
  /** What the file calls the model, `general.name` and `general.basename`. */
  modelNames: string[];
}

/** By llama.cpp's numbers: none, mean, CLS, last, rank. */
const POOLING: readonly (Pooling | undefined)[] = [undefined, "mean", "first", "last"];
const RANK = 4;

/**
 * Decoders that are made into embedding models. Where an architecture is not known, its texts are evaluated whole:
 * that takes more memory, and is right for encoders as well.
 */
const DECODERS = new Set(["llama", "qwen2", "qwen3"]);

/**
 * A model that says nothing of pooling, or "none", was not made for this: the mean of its tokens then, which is the
 * better guess of the two for a language model, and is what most encoders want.
 */
export function readEmbeddingHeader(file: GgufFile): EmbeddingHeader {
  const header = readHeader(file, ["gpt2", "llama", "bert", "t5"]);
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
  if (header.tokenizer === "t5") checkCharsmap(file, fail);
  const pooling = POOLING[number];
  return {
    ...header,
    pooling: pooling ?? "mean",
    overrides: pooling === undefined ? { [architecture]: { pooling_type: POOLING.indexOf("mean") } } : {},
    isCausal: DECODERS.has(architecture) && metadataBool(file, `${architecture}.attention.causal`, true),
    modelNames: ["general.name", "general.basename"].map((key) => metadataString(file, key, "")),
  };
}
