/** The trainable tensors of a Llama, under their GGUF names; fresh values for them. */
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { leaf } from "../tensor/ops.ts";
import { elementCount, type Tensor } from "../tensor/tensor.ts";
import type { LlamaConfig } from "./llama-config.ts";

export type Parameter = Tensor<"leaf">;

export interface LlamaLayer {
  attnNorm: Parameter;
  attnQ: Parameter;
  attnK: Parameter;
  attnV: Parameter;
  attnOutput: Parameter;
  ffnNorm: Parameter;
  ffnGate: Parameter;
  ffnUp: Parameter;
  ffnDown: Parameter;
}

export interface LlamaParameters {
  tokenEmbedding: Parameter;
  layers: LlamaLayer[];
  outputNorm: Parameter;
  /** The same tensor as `tokenEmbedding` where the model is tied. */
  output: Parameter;
  /** All of them once, in the order of the file. */
  all: Parameter[];
}

export function llamaParameters(config: LlamaConfig): LlamaParameters {
  const { width, heads, kvHeads, headSize, feedForward, vocabularySize } = config;
  const all: Parameter[] = [];
  const parameter = (name: string, ...shape: number[]) => {
    const created = leaf(`${name}.weight`, shape, { trainable: true });
    all.push(created);
    return created;
  };
  const tokenEmbedding = parameter("token_embd", width, vocabularySize);
  const layers = Array.from({ length: config.layers }, (_, i) => ({
    attnNorm: parameter(`blk.${i}.attn_norm`, width),
    attnQ: parameter(`blk.${i}.attn_q`, width, heads * headSize),
    attnK: parameter(`blk.${i}.attn_k`, width, kvHeads * headSize),
    attnV: parameter(`blk.${i}.attn_v`, width, kvHeads * headSize),
    attnOutput: parameter(`blk.${i}.attn_output`, heads * headSize, width),
    ffnNorm: parameter(`blk.${i}.ffn_norm`, width),
    ffnGate: parameter(`blk.${i}.ffn_gate`, width, feedForward),
    ffnUp: parameter(`blk.${i}.ffn_up`, width, feedForward),
    ffnDown: parameter(`blk.${i}.ffn_down`, feedForward, width),
  }));
  const outputNorm = parameter("output_norm", width);
  const output = config.tied ? tokenEmbedding : parameter("output", width, vocabularySize);
  return { tokenEmbedding, layers, outputNorm, output, all };
}

export const parameterName = (parameter: Parameter): string => parameter.attributes.name;

export function isNorm(parameter: Parameter): boolean {
  return parameterName(parameter).includes("norm");
}

/** The matrices inside the layers: what Muon is for. */
export function hiddenMatrices(parameters: LlamaParameters): Parameter[] {
  return parameters.all.filter((p) => parameterName(p).startsWith("blk.") && !isNorm(p));
}

export function parameterCount(parameters: LlamaParameters): number {
  return parameters.all.reduce((sum, p) => sum + elementCount(p.shape), 0);
}

/**
 * Fresh values: gains 1, the rest normal with the inverse square root of the inputs as deviation, halved for the
 * embedding; what writes into the residual stream is divided by sqrt(2 layers) (Radford et al. 2019). Keys start
 * as a mixture of the queries' own values, so that from the first step a token attends to tokens like itself
 * (Trockman & Kolter 2023): a small model finds copying, and with it grounding, several times sooner.
 */
export function initialValues(
  config: LlamaConfig,
  parameters: LlamaParameters,
  seed: number,
): Map<Parameter, Float32Array> {
  const normal = normalStream(seed);
  const values = new Map<Parameter, Float32Array>();
  for (const p of parameters.all) {
    const data = new Float32Array(elementCount(p.shape));
    values.set(p, data);
    if (isNorm(p)) {
      data.fill(1);
      continue;
    }
    const name = parameterName(p);
    let deviation = 1 / Math.sqrt(p.shape[0]);
    if (name.includes("attn_output") || name.includes("ffn_down")) deviation /= Math.sqrt(2 * config.layers);
    if (p === parameters.tokenEmbedding) deviation *= 0.5;
    for (let i = 0; i < data.length; i++) data[i] = deviation * normal();
  }
  for (const layer of parameters.layers)
    likenQueriesAndKeys(config, values.get(layer.attnQ)!, values.get(layer.attnK)!);
  return values;
}

/** Share of a key's value that is its query's, as a correlation. */
const QUERY_KEY_CORRELATION = 0.5;

function likenQueriesAndKeys(config: LlamaConfig, q: Float32Array, k: Float32Array): void {
  const headValues = config.headSize * config.width;
  const group = config.heads / config.kvHeads;
  const own = Math.sqrt(1 - QUERY_KEY_CORRELATION ** 2);
  for (let i = 0; i < k.length; i++) {
    const head = Math.floor(i / headValues);
    k[i] = QUERY_KEY_CORRELATION * q[head * group * headValues + (i % headValues)]! + own * k[i]!;
  }
}

/** Standard normal numbers by Box and Muller; one stream a seed. */
function normalStream(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  const uniform = () => ((generator.next() >>> 0) + 0.5) / 2 ** 32;
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
