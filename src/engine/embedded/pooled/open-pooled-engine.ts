/** A checked header -> a PooledEngine: where it runs, how much it takes at once, and the memory for it. */

import { chooseDevice, layersOnGpu } from "../choose-device.ts";
import { chooseContextSize, estimateMemory } from "../memory.ts";
import type { ModelHeader, TokenizerKind } from "../model-header.ts";
import type { EmbeddedOptions } from "../open-embedded.ts";
import { PooledEngine, type PooledEngineOptions, pooledSequences } from "./pooled-engine.ts";

export type PooledOptions = Pick<EmbeddedOptions, "threads" | "gpu" | "name">;

const PARALLEL = 16;
/** In tokens: more than the longest chunk has (4,000 letters of Russian are some 1,000). */
const TEXT_CONTEXT_SIZE = 2048;

/** Not by the memory that is free, since where a text is cut decides its vector. */
export const textContextSize = ({ contextLength }: Pick<ModelHeader, "contextLength">) =>
  Math.min(contextLength, TEXT_CONTEXT_SIZE);

/** `contextSize`: by default that of a language model; of one that is not causal, as of a text. */
export async function openPooledEngine(
  header: ModelHeader<TokenizerKind>,
  options: PooledOptions & { contextSize?: number | undefined },
  engine: Omit<PooledEngineOptions, "contextSize" | "batchSize" | "parallel" | "threads">,
): Promise<PooledEngine> {
  const { backend, gpuMemory, threads, available, ...device } = await chooseDevice(header, options);
  const { smallBatch: atOnce, keepsCells } = device;
  const asked = options.contextSize ?? (engine.isCausal ? undefined : textContextSize(header));
  // An encoder sees a text as a whole or not at all. The estimate counts a row of logits for each token evaluated at
  // once. An encoder has none, and yet llama.cpp makes room for them: of a vocabulary of 250,000, 2 GiB for 2,048
  // tokens, as measured.
  const batchSize = engine.isCausal ? atOnce : Math.max(atOnce, asked!);
  const contextSize = chooseContextSize(header, { contextSize: asked, batchSize, available });
  const { total } = estimateMemory(header, { contextSize, batchSize });
  const model = await backend.loadEmbedder(header.path, {
    contextSize,
    batchSize,
    outputs: batchSize,
    sequences: pooledSequences({ ...engine, parallel: PARALLEL }),
    threads: threads.most,
    gpuLayers: layersOnGpu(header.headCountKv.length, total, gpuMemory),
    kvType: "f16",
    tokenizer: header.tokenizer,
  });
  return new PooledEngine(model, {
    ...engine,
    contextSize,
    batchSize: atOnce,
    parallel: PARALLEL,
    keepsCells,
    threads,
  });
}
