/**
 * Llama as a graph (Touvron et al. 2023): a batch of token rows in, the log-probability of every token's label
 * out, and on request that of a second label which the middle layer should know (Lee et al. 2015, deep supervision).
 * Which token sees which is the mask's business, so that several dialogues, and several continuations of one, share
 * a row.
 */
import { VISIBILITY_BLOCK } from "../tensor/operations.ts";
import {
  add,
  checkpoint,
  labelLogprob,
  leaf,
  matmul,
  mul,
  permute,
  reshape,
  rmsNorm,
  rope,
  rows,
  softmax,
  swiglu,
  transpose,
} from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { LlamaConfig } from "./llama-config.ts";
import type { LlamaLayer, LlamaParameters } from "./llama-parameters.ts";

/** The inputs of one batch: `rows` rows of `length` tokens, one after another. */
export interface BatchInputs {
  rows: number;
  length: number;
  /** i32 [tokens]. */
  tokens: Tensor<"leaf">;
  /** i32 [tokens]: place in the token's own dialogue. */
  positions: Tensor<"leaf">;
  /** f32 [length, length, 1, rows]: 0 where query (second index) sees key (first index), -Infinity elsewhere. */
  mask: Tensor<"leaf">;
  /** The mask's table of visible blocks (tensor/operations.ts), where the length is a multiple of them. */
  blocks: Tensor<"leaf"> | undefined;
  /** i32 [tokens]: the token that should come next. */
  labels: Tensor<"leaf">;
  /** i64 [tokens]: index * vocabulary size + label. */
  flatLabels: Tensor<"leaf">;
  /** The same for what the middle layer should know at the token; undefined where nothing is asked of it. */
  auxiliaryLabels: Tensor<"leaf"> | undefined;
  flatAuxiliaryLabels: Tensor<"leaf"> | undefined;
}

export function batchInputs(
  rowCount: number,
  length: number,
  options: { auxiliary?: boolean } = {},
): BatchInputs {
  const n = rowCount * length;
  const blocks = length / VISIBILITY_BLOCK;
  return {
    rows: rowCount,
    length,
    tokens: leaf("tokens", [n], { type: "i32" }),
    positions: leaf("positions", [n], { type: "i32" }),
    mask: leaf("mask", [length, length, 1, rowCount]),
    blocks: hasBlocks(length) ? leaf("blocks", [blocks, blocks, 1, rowCount], { type: "i32" }) : undefined,
    labels: leaf("labels", [n], { type: "i32" }),
    flatLabels: leaf("flat_labels", [n], { type: "i64" }),
    auxiliaryLabels: options.auxiliary ? leaf("auxiliary_labels", [n], { type: "i32" }) : undefined,
    flatAuxiliaryLabels: options.auxiliary ? leaf("flat_auxiliary_labels", [n], { type: "i64" }) : undefined,
  };
}

/** All of them, to be allocated. */
export const batchLeaves = ({ rows: _, length: __, ...leaves }: BatchInputs): Tensor<"leaf">[] =>
  Object.values(leaves).filter((input) => input !== undefined);

/** Sizes of 32 bits hold a matrix of attention over 16,384 tokens; 2,048 leave room for 64 queries a key head. */
const MOST_IN_BLOCKS = 2048;
const hasBlocks = (length: number) => length % VISIBILITY_BLOCK === 0 && length <= MOST_IN_BLOCKS;

export interface LlamaGraphOptions {
  /** Keep one activation a layer and compute the rest again in the backward pass. Default false. */
  checkpointing?: boolean;
}

export interface LlamaLogprobs {
  /** Of the labels, f32 [1, tokens]. */
  next: Tensor;
  /** Of the auxiliary labels, read from the middle layer by the model's own output head; where they are given. */
  auxiliary: Tensor | undefined;
}

export function llamaLogprobs(
  config: LlamaConfig,
  parameters: LlamaParameters,
  inputs: BatchInputs,
  options: LlamaGraphOptions = {},
): LlamaLogprobs {
  const { auxiliaryLabels, flatAuxiliaryLabels } = inputs;
  const head = (y: Tensor, labels: Tensor, flat: Tensor) => {
    const hidden = mul(rmsNorm(y, config.rmsEpsilon), parameters.outputNorm);
    return labelLogprob(matmul(parameters.output, hidden), labels, flat);
  };
  let x: Tensor = rows(parameters.tokenEmbedding, inputs.tokens);
  let auxiliary: Tensor | undefined;
  for (const [i, layer] of parameters.layers.entries()) {
    const run = (y: Tensor) => llamaLayer(config, layer, inputs, y);
    x = options.checkpointing ? checkpoint(run, x) : run(x);
    if (i + 1 === middleLayer(config) && auxiliaryLabels && flatAuxiliaryLabels)
      auxiliary = head(x, auxiliaryLabels, flatAuxiliaryLabels);
  }
  return { next: head(x, inputs.labels, inputs.flatLabels), auxiliary };
}

/** Layers up to and with the middle one. */
const middleLayer = ({ layers }: Pick<LlamaConfig, "layers">): number => Math.ceil(layers / 2);

function llamaLayer(config: LlamaConfig, layer: LlamaLayer, inputs: BatchInputs, x: Tensor): Tensor {
  const normed = mul(rmsNorm(x, config.rmsEpsilon), layer.attnNorm);
  const afterAttention = add(x, matmul(layer.attnOutput, attention(config, layer, inputs, normed)));
  const h = mul(rmsNorm(afterAttention, config.rmsEpsilon), layer.ffnNorm);
  return add(afterAttention, matmul(layer.ffnDown, swiglu(matmul(layer.ffnGate, h), matmul(layer.ffnUp, h))));
}

/**
 * Grouped queries are folded into the token axis: the `group` query heads that share a key head become
 * `group * length` queries of it, since products in a batch want equal head counts on both sides.
 */
function attention(config: LlamaConfig, layer: LlamaLayer, inputs: BatchInputs, x: Tensor): Tensor {
  const { heads, kvHeads, headSize } = config;
  const { length, rows: batch } = inputs;
  const tokens = batch * length;
  const group = heads / kvHeads;
  const turn = { dimensions: headSize, base: config.ropeBase };
  const q = rope(reshape(matmul(layer.attnQ, x), headSize, heads, tokens), inputs.positions, turn);
  const k = rope(reshape(matmul(layer.attnK, x), headSize, kvHeads, tokens), inputs.positions, turn);
  const v = matmul(layer.attnV, x);
  const byHead = [0, 2, 1, 3] as const;
  const queries = permute(reshape(q, headSize, heads, length, batch), byHead);
  const keys = permute(reshape(k, headSize, kvHeads, length, batch), byHead);
  const values = transpose(permute(reshape(v, headSize, kvHeads, length, batch), byHead));
  const { mask, blocks } = inputs;
  const scores = matmul(keys, reshape(queries, headSize, length * group, kvHeads, batch), blocks, "result");
  const weights = softmax(
    reshape(scores, length, length, heads, batch),
    mask,
    1 / Math.sqrt(headSize),
    blocks,
  );
  const mixed = matmul(values, reshape(weights, length, length * group, kvHeads, batch), blocks, "second");
  const perToken = permute(reshape(mixed, headSize, length, heads, batch), byHead);
  return reshape(perToken, headSize * heads, tokens);
}
