/**
 * How much memory a model will take, from its header alone, and the context that fits. Weights, KV cache and compute
 * buffers, as llama.cpp allocates them with flash attention; measured within 15 percent.
 */
import { InputError } from "../../errors.ts";
import type { ModelHeader } from "./model-header.ts";

/** All in bytes. */
export interface MemoryEstimate {
  weights: number;
  kvCache: number;
  compute: number;
  total: number;
}

export interface MemoryOptions {
  /** In tokens. */
  contextSize: number;
  /** Tokens evaluated at once. */
  batchSize: number;
  /** Of so many of them at most, logits are wanted. Default: of all. */
  outputs?: number | undefined;
  /** Default: f16. */
  kvType?: KvType | undefined;
}

/** Unasked no less where it fits: six documents of 4,000 Russian characters are some 10,000 tokens of Llama 3. */
const USUAL_CONTEXT_SIZE = 16_384;
/** Unasked no more: what is done to sequences looks at every cell, which beams of a small model feel (docs/log.md). */
const WIDEST_CONTEXT_SIZE = 131_072;
const LEAST_CONTEXT_SIZE = 512;
/** Of the memory that is free, what is taken unasked: llama.cpp touches the whole cache at the start. */
const MODEST_SHARE = 0.5;
/** llama.cpp rounds the context up to a multiple of this. */
const CONTEXT_STEP = 256;
/** What keys and values are kept in: half precision, or blocks of 32 numbers with a scale. Bytes a number. */
const KV_BYTES = { f16: 2, q8_0: 34 / 32, q4_0: 18 / 32 };
export type KvType = keyof typeof KV_BYTES;

type Dimensions = Pick<
  ModelHeader,
  | "weightBytes"
  | "headCountKv"
  | "keyLength"
  | "valueLength"
  | "embeddingLength"
  | "feedForwardLength"
  | "tokens"
>;

export function estimateMemory(header: Dimensions, options: MemoryOptions): MemoryEstimate {
  const { contextSize, batchSize, outputs = batchSize, kvType = "f16" } = options;
  const cells = Math.ceil(contextSize / CONTEXT_STEP) * CONTEXT_STEP;
  const batch = Math.min(batchSize, cells);
  const kvHeads = header.headCountKv.reduce((sum, heads) => sum + heads, 0);
  const kvCache = kvHeads * (header.keyLength + header.valueLength) * cells * KV_BYTES[kvType];
  // One place after another holds the logits, or what a block's feed-forward and attention need at one time; all
  // through stands the attention mask, in half precision.
  const { embeddingLength, feedForwardLength, tokens } = header;
  const widest = Math.max(
    Math.min(outputs, batch) * (tokens.length + embeddingLength),
    batch * (3 * feedForwardLength + 4 * embeddingLength),
  );
  const compute = 4 * widest + 2 * batch * cells;
  const weights = header.weightBytes;
  return { weights, kvCache, compute, total: weights + kvCache + compute };
}

export interface ContextChoice extends Omit<MemoryOptions, "contextSize"> {
  /**
   * What the user asked for; an error where it does not fit. Default: what the model was trained for, halved until
   * half of `near` holds it, but no less than 16384; and less than that only where `available` holds no more.
   */
  contextSize: number | undefined;
  /** Bytes that may be taken. */
  available: number;
  /** Bytes that are free where the model is to run. Default: `available`. */
  near?: number;
}

export function chooseContextSize(
  header: Dimensions & Pick<ModelHeader, "path" | "contextLength">,
  choice: ContextChoice,
): number {
  const { contextSize: asked, available, near = available, ...rest } = choice;
  const trained = header.contextLength;
  if (asked !== undefined && (!Number.isInteger(asked) || asked < 2 || asked > trained))
    throw new InputError(
      `the context size is ${asked} and ${header.path} was trained for 2 to ${trained} tokens: choose within that`,
    );
  const fits = (contextSize: number, bytes = available) =>
    estimateMemory(header, { ...rest, contextSize }).total <= bytes;
  const isModest = (contextSize: number) =>
    contextSize <= WIDEST_CONTEXT_SIZE && fits(contextSize, MODEST_SHARE * near);
  const usual = Math.min(trained, USUAL_CONTEXT_SIZE);
  let contextSize = asked ?? trained;
  while (asked === undefined && contextSize > usual && !isModest(contextSize))
    contextSize = Math.max(usual, contextSize >> 1);
  while (asked === undefined && contextSize > LEAST_CONTEXT_SIZE && !fits(contextSize))
    contextSize = Math.max(LEAST_CONTEXT_SIZE, contextSize >> 1);
  if (fits(contextSize)) return contextSize;
  const { weights, kvCache, compute, total } = estimateMemory(header, { ...rest, contextSize });
  const parts = `${size(weights)} weights, ${size(kvCache)} for a context of ${contextSize} tokens, ${size(compute)} buffers`;
  throw new InputError(
    `${header.path} needs ${size(total)} of memory (${parts}) and ${size(available)} are free: use a smaller model${contextSize > LEAST_CONTEXT_SIZE ? " or context, or --kv-type q8_0" : ""}, or free memory`,
  );
}

function size(bytes: number): string {
  const gib = bytes / 2 ** 30;
  return gib >= 1 ? `${gib.toFixed(2)} GiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
